/* The editor of one record: what changed, what may be saved, and the keys for it. */
import * as customers from './customers.js';
import { ask, dialogIsOpen } from '../core/dialogs.js';
import { clearProblem, swap } from '../core/fragments.js';
import { attachPicker } from '../picker/picker.js';
import { post } from '../core/request.js';

const UNDO_SHOWN = 10_000;
const MAC = /Mac|iPhone|iPad/.test(navigator.platform);
let pristine = null;
let saving = null;
let underWay = 0;
let statusTimer = 0;

const form = () => document.getElementById('editor');
const section = () => document.getElementById('record');
const addField = () => document.getElementById('add-customer');
const text = (key, values) => form().dataset[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);

export function announce(words) {
  document.getElementById('said').textContent = words;
}

/** To be called whenever the server has sent a new editor. */
export function attachEditor() {
  customers.forgetRemoved();
  pristine = null;
  if (!form()) return;
  if (MAC) form().querySelector('kbd').textContent = '⌘ ↵';
  if (!isDirty()) pristine = section().cloneNode(true);
  attachPicker({ fields: searchFields, pick, backspace, announce });
  form().addEventListener('input', showChanges);
  addField().addEventListener('blur', disarm);
  showChanges();
  clearTimeout(statusTimer);
  statusTimer = setTimeout(clearStatus, UNDO_SHOWN);
}

export const focusEditor = () => (addField() ?? document.getElementById('record-title'))?.focus({ preventScroll: true });

export const editedRecord = () => form()?.dataset.record ?? null;

export function isDirty() {
  if (!form()) return false;
  const { added, removed, reordered } = customers.changes();
  return added.length + removed.length > 0 || reordered || noteChanged();
}

/** Whether the editor may be left: nothing unsaved, or the user has decided about it. */
export async function mayLeave() {
  await saving;
  if (!isDirty()) return true;
  const answer = await ask('leave');
  return answer === 'discard' || (answer === 'save' && save());
}

/** Does what a button of the editor's form asks for; resolves to whether it was saved. */
export async function submitEditor(submitter) {
  const [verb, key] = submitter?.name === 'action' ? submitter.value.split(' ') : ['save'];
  if (verb === 'remove') await removeRow(customers.rowOf(key));
  else if (verb === 'main') makeMain(customers.rowOf(key));
  else if (verb === 'discard') await discard();
  else return save(submitter);
  return false;
}

export function save(submitter = document.getElementById('save')) {
  if (saving || underWay || (!isDirty() && submitter.name !== 'choice')) return false;
  saving = send(submitter).finally(() => { saving = null; });
  return saving;
}

async function send(submitter) {
  const { form: source } = submitter;
  const fields = new FormData(source, submitter);
  submitter.closest('dialog')?.close();
  clearProblem();
  const answer = await hold(() => post(source.getAttribute('action'), fields, { again: () => save() }));
  if (!answer) return false;
  swap(answer.parts);
  if (answer.ok) section().dispatchEvent(new Event('recordsaved', { bubbles: true }));
  return answer.ok;
}

/** Has the editor made anew by a route of the server, with what it holds. */
export async function renew(url, submitter) {
  const fields = new FormData(form(), submitter);
  clearProblem();
  const answer = await finish(() => post(url, fields, { again: () => renew(url, submitter) }));
  if (!answer) return;
  swap(answer.parts);
  focusEditor();
}

/** Lets nobody type into an editor that the answer to this request may replace. */
export async function hold(request) {
  const focused = document.activeElement;
  busy(1);
  try {
    return await request();
  } finally {
    busy(-1);
    if (focused.isConnected && document.activeElement === document.body) focused.focus();
  }
}

/** As `hold`, for what nobody can call off: whoever wants to leave the record waits for it. */
export function finish(request) {
  saving = hold(request).finally(() => { saving = null; });
  return saving;
}

/** An editor that came with changes was never clean here: then the server makes it anew. */
export function discard() {
  if (!pristine) return renew(form().getAttribute('action'), document.getElementById('discard'));
  section().replaceWith(pristine.cloneNode(true));
  clearStatus();
  attachEditor();
  focusEditor();
  return null;
}

/** The keys of the editor; true when the key was one of them. */
export function editorKey(event) {
  if (!form() || dialogIsOpen() || event.isComposing) return false;
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key === 'Enter') save();
  else if (command && event.key.toLowerCase() === 'z' && !inField(event.target)) undo();
  else if (event.altKey && /^Arrow(Up|Down)$/.test(event.key)) moveRow(event);
  else return false;
  event.preventDefault();
  return true;
}

const inField = (target) => target.matches('input, textarea');

const noteChanged = () => {
  const { note, base_note: before } = form().elements;
  return note.value !== before.value.replace(/\r\n?/g, '\n');
};

function searchFields(query) {
  const fields = new URLSearchParams({ q: query, record: editedRecord() });
  for (const row of customers.rows()) fields.append('customer', row.dataset.key);
  return fields;
}

function pick(row) {
  customers.add(row);
  announce(text('added', { name: row.dataset.name }));
  showChanges();
}

async function removeRow(row) {
  if (row.hasAttribute('data-unseen') && await ask('remove-unseen') !== 'remove') return;
  const neighbour = row.nextElementSibling ?? row.previousElementSibling;
  const hadFocus = row.contains(document.activeElement) || document.activeElement === document.body;
  customers.remove(row);
  announce(text('removed', { name: row.dataset.name }));
  if (hadFocus) (neighbour?.querySelector('.remove') ?? addField()).focus();
  showChanges();
}

function makeMain(row) {
  customers.makeMain(row);
  announce(text('main', { name: row.dataset.name }));
  row.querySelector('.remove').focus();
  showChanges();
}

function moveRow(event) {
  const row = event.target.closest('.customer');
  if (!row || !customers.move(row, event.key === 'ArrowDown')) return;
  (event.target.hidden ? row.querySelector('.remove') : event.target).focus();
  moved(row);
}

/** To be called when a customer stands at another place. */
export function moved(row) {
  const place = customers.rows().indexOf(row) + 1;
  announce(text('moved', { name: row.dataset.name, place }));
  showChanges();
}

// The first Backspace in the empty field marks the last customer, the second one removes them.
function backspace() {
  const row = customers.rows().at(-1);
  if (!row) return;
  if (row.classList.contains('is-armed')) {
    disarm();
    removeRow(row);
  } else {
    row.classList.add('is-armed');
    announce(text('armed', { name: row.dataset.name }));
    addField().addEventListener('input', disarm, { once: true });
  }
}

function disarm() {
  for (const row of document.querySelectorAll('.is-armed')) row.classList.remove('is-armed');
}

function showChanges() {
  const { added, removed, reordered } = customers.changes();
  const other = [reordered && form().dataset.orderChanged, noteChanged() && form().dataset.noteChanged];
  document.getElementById('summary').replaceChildren(
    ...added.map((name) => change('change-added', name)),
    ...removed.map((name) => change('change-removed', name)),
    ...other.filter(Boolean).map((words) => change('change-other', words)),
  );
  const dirty = isDirty();
  document.getElementById('save').disabled = !dirty;
  document.getElementById('discard').disabled = !dirty;
  if (dirty) clearStatus();
  if (dirty && matchMedia('(max-width: 899px)').matches) import('./save-bar.js').then((foot) => foot.lift(), () => {});
}

function change(template, words) {
  const part = document.getElementById(template).content.cloneNode(true);
  (part.querySelector('bdi') ?? part.firstElementChild).textContent = words;
  return part;
}

function undo() {
  if (!underWay) document.getElementById('undo')?.requestSubmit();
}

function clearStatus() {
  const status = document.getElementById('status');
  if (!status?.childElementCount) return;
  if (!isDirty() && status.matches(':hover, :focus-within')) {
    statusTimer = setTimeout(clearStatus, UNDO_SHOWN);
  } else {
    status.replaceChildren();
    document.getElementById('undo')?.remove();
  }
}

function busy(more) {
  underWay += more;
  const on = underWay > 0;
  form()?.toggleAttribute('data-busy', on);
  section().setAttribute('aria-busy', String(on));
  // The way back stays open.
  const parts = section().querySelectorAll(':scope > :not(.editor-head, #editor), #editor > *');
  for (const part of parts) part.inert = on;
}
