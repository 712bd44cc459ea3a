// The flows of the v2 tests of @bitrix24/b24jssdk, in our words; prints what passed as JSON.
// Their originals stand in test/integration of the SDK's repository: core/actions-v2-call,
// core/actions-v2-batch and js-docs/actions-v2.
import assert from 'node:assert/strict'
import { AjaxResult, B24Hook, Text } from '@bitrix24/b24jssdk'

const { webhook_url: url, contact, deal, first, last } = JSON.parse(process.argv[2])
const b24 = B24Hook.fromWebhookUrl(url)
const { batch, batchByChunk, call, callList, fetchList } = b24.actions.v2
const flows = {}

const companies = (filter) => ({ entityTypeId: 4, select: ['id'], filter })
const GOOD = [companies({ '>id': first }), companies({ '>id': last })]
const MIXED = [GOOD[0], companies({ '>ddId': first }), GOOD[1], companies({ '>ddId': last })]
const FORMS = {
  array: (all) => all.map((params) => ['crm.item.list', params]),
  object: (all) => all.map((params) => ({ method: 'crm.item.list', params })),
  named: (all) => Object.fromEntries(all.map((params, at) => [`cmd${at}1`,
    at % 2 ? ['crm.item.list', params] : { method: 'crm.item.list', params }]))
}

function checkTime(time) {
  assert.ok(time.operating >= 0)
  assert.ok(time.operating_reset_at > 0)
}

async function runBatch(form, all, isHaltOnError, returnAjaxResult, errors) {
  const calls = FORMS[form](all)
  const answer = await batch.make({ calls, options: { isHaltOnError, returnAjaxResult } })
  assert.equal(answer.isSuccess, errors === 0)
  assert.equal(answer.getErrorMessages().length, errors)
  const rows = answer.getData()
  if (form === 'named') for (const key of Object.keys(rows)) assert.ok(key in calls)
  for (const row of Object.values(rows)) {
    assert.equal(row instanceof AjaxResult, returnAjaxResult)
    if (!returnAjaxResult) {
      assert.ok(row.items.length > 0)
      assert.ok(!('time' in row))
    } else if (row.isSuccess) {
      assert.ok(row.getData().result.items.length > 0)
      checkTime(row.getData().time)
    } else {
      assert.ok([...row.getErrors()].some((error) => error.code === 'INVALID_ARG_VALUE'))
    }
  }
  if (errors) assert.ok([...answer.getErrors()].some((e) => e.code === 'INVALID_ARG_VALUE'))
}

for (const [all, halt, errors] of [[GOOD, true, 0], [MIXED, false, 2], [MIXED, true, 1]]) {
  for (const [form, ajax] of [['array', true], ['object', true], ['named', true], ['array', false]]) {
    const name = `batch: ${form}, ${errors} errors, ${halt ? 'halt' : 'go on'}, ${ajax ? 'results' : 'data'}`
    flows[name] = () => runBatch(form, all, halt, ajax, errors)
  }
}

flows['batch: null or an error for an absent chat'] = async () => {
  const calls = { chat: { method: 'im.chat.get', params: { ENTITY_TYPE: 'NONE', ENTITY_ID: 'NONE' } } }
  const options = { isHaltOnError: false, returnAjaxResult: true }
  const row = (await batch.make({ calls, options })).getData().chat
  assert.ok(row instanceof AjaxResult)
  if (row.isSuccess) assert.equal(row.getData().result, null)
  else assert.ok(row.getErrorMessages().length > 0)
}

flows['call: server.time'] = async () => {
  const answer = await call.make({ method: 'server.time', params: {} })
  assert.ok(answer.isSuccess && answer.getData().result)
  assert.ok('operating' in answer.getData().time)
}

flows['call: tasks.task.get of a task'] = async () => {
  const answer = await call.make({ method: 'tasks.task.get', params: { taskId: 1 } })
  assert.ok('id' in answer.getData().result.task)
}

flows['call: tasks.task.get of an invalid id'] = async () => {
  try {
    await call.make({ method: 'tasks.task.get', params: { taskId: 'x' } })
  } catch (error) {
    assert.equal(error.code, 'ERR_BAD_REQUEST')
  }
}

flows['call: tasks.task.get of an absent task'] = async () => {
  const answer = await call.make({ method: 'tasks.task.get', params: { taskId: 999999 } })
  assert.ok(answer.isSuccess && !('task' in answer.getData().result))
}

flows['docs: call'] = async () => {
  const params = { entityTypeId: 3, id: contact }
  const answer = await call.make({ method: 'crm.item.get', params })
  assert.ok(answer.isSuccess && answer.getData().result.item.name !== undefined)
}

function recent() {
  const since = new Date()
  since.setMonth(since.getMonth() - 6)
  const filter = { '=%title': 'A%', '>=createdTime': Text.toB24Format(since) }
  const params = { entityTypeId: 4, filter, select: ['id', 'title'] }
  return { method: 'crm.item.list', params, idKey: 'id', customKeyForResult: 'items' }
}

flows['docs: callList'] = async () => {
  const answer = await callList.make(recent())
  assert.ok(answer.isSuccess && answer.getData().length > 0)
}

flows['docs: fetchList'] = async () => {
  for await (const chunk of fetchList.make(recent())) assert.ok(chunk.length > 0)
}

const person = ['crm.item.get', { entityTypeId: 3, id: contact }]
const asObject = { method: person[0], params: person[1] }
const ofDeal = ['crm.item.get', { entityTypeId: 2, id: deal }]

for (const [form, calls] of Object.entries({
  array: [person, person, person], object: [asObject, asObject], named: { Contact: asObject, Deal: ofDeal }
})) {
  flows[`docs: batch of the form ${form}`] = async () => {
    const answer = await batch.make({ calls, options: { isHaltOnError: true, returnAjaxResult: true } })
    assert.ok(answer.isSuccess)
    for (const row of Object.values(answer.getData())) assert.ok(row.getData().result.item.id)
  }
}

flows['docs: batchByChunk'] = async () => {
  const calls = Array.from({ length: 150 }, () => person)
  const answer = await batchByChunk.make({ calls, options: { isHaltOnError: false } })
  assert.ok(answer.isSuccess)
  assert.equal(answer.getData().length, 150)
  assert.equal(typeof answer.getData()[0].item.id, 'number')
}

const done = {}
for (const [name, flow] of Object.entries(flows)) {
  try {
    await flow()
    done[name] = 'ok'
  } catch (error) {
    done[name] = `${error.code ?? error.name}: ${error.message}`.slice(0, 200)
  }
}
console.log(JSON.stringify(done))
