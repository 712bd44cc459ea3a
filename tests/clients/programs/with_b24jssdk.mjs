// Runs the calls of a task with @bitrix24/b24jssdk and prints the results as JSON.
import { B24Hook, B24OAuth } from '@bitrix24/b24jssdk'

const task = JSON.parse(process.argv[2])
const b24 = task.webhook_url
  ? B24Hook.fromWebhookUrl(task.webhook_url)
  : new B24OAuth(task.authorization, task.keys)

async function call(method, params) {
  const answer = await b24.actions.v2.call.make({ method, params })
  if (!answer.isSuccess) throw new Error(answer.getErrorMessages().join('; '))
  return answer.getData().result
}

async function length(method, customKeyForResult, params = {}, idKey = 'ID') {
  const answer = await b24.actions.v2.callList.make({ method, params, customKeyForResult, idKey })
  if (!answer.isSuccess) throw new Error(answer.getErrorMessages().join('; '))
  return answer.getData().length
}

const done = {
  set: await call('booking.v1.waitlist.client.set', {
    waitListId: task.record, clients: task.clients
  }),
  read: await call('booking.v1.waitlist.client.list', { waitListId: task.record }),
  records: await length('booking.v1.waitlist.list', 'waitList'),
  contacts: await length('crm.item.list', 'items', { entityTypeId: 3 }, 'id')
}
console.log(JSON.stringify(done))
