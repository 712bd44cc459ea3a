/* The editor of one record: its buttons and its keys. */
import * as customers from './customers.js';
import { blockEditorAndLeaving, blockEditor, isBusy, delayLeaving, unfinishedWork } from './busy.js';
import { announce, announceRow, isDirty, showChanges } from './changes.js';
import { clearProblem, swap } from '../core/fragments.js';
import { dialogIsOpen, isUndo } from '../core/keys.js';
import { load } from '../core/load.js';
import { attachPicker } from '../picker/picker.js';
import { actionOf, post } from '../core/request.js';
import { expireUndo, pressUndo, removeUndo } from '../core/undo-offer.js';

/** The record as loaded, for *Discard*; null when it came with changes.
    @type {HTMLElement | null} */
let pristine = null;

const form = () => document.getElementById('editor');
const record = () => document.getElementById('record');
const addField = () => document.getElementById('add-customer');

/** To be called when there is a new editor. */
export function attachEditor() {
  customers.forgetRemoved();
  pristine = null;
  const editor = form();
  if (!editor) return;
  if (!isDirty()) pristine = clone(record());
  attachPicker(picker);
  editor.addEventListener('input', showChanges);
  showChanges();
  expireUndo();
}

/** @param {HTMLElement} part */
const clone = (part) => /** @type {HTMLElement} */ (part.cloneNode(true));

export const focusEditor = () => (addField() ?? document.getElementById('record-title'))?.focus({ preventScroll: true });

export const editedRecord = () => form()?.dataset.record ?? '';

/** Asks a question in a dialog; the safe answer is '', also when the dialog does not come.
    @param {string} id */
const ask = (id) => import('../core/dialogs.js').then((dialogs) => dialogs.ask(id)).catch(() => '');

/** Resolves to whether the record may be left; asks the user when something is unsaved. */
export async function mayLeave() {
  await unfinishedWork();
  if (!isDirty()) return true;
  const answer = await ask('leave');
  return answer === 'discard' || (answer === 'save' && save());
}

document.addEventListener('click', ({ target }) => {
  const button = target.closest('#editor button');
  if (!button) return;
  const row = button.closest('.customer');
  if (row && button.matches('.remove')) removeRow(row);
  else if (row && button.matches('.make-main')) makeMain(row);
  else if (button.id === 'discard') discard();
});

/** @returns {Promise<boolean> | false} */
export function save(submitter = document.getElementById('save'), anyway = false) {
  if (unfinishedWork() || isBusy() || (!isDirty() && submitter.name !== 'choice')) return false;
  const editor = record();
  editor.dataset.saving = '';
  return delayLeaving(send(submitter, anyway).finally(() => delete editor.dataset.saving));
}

/** @param {HTMLButtonElement} submitter @param {boolean} anyway */
async function send(submitter, anyway) {
  const source = /** @type {HTMLFormElement} */ (submitter.form);
  clearProblem();
  if (customers.drafts().length && !await blockEditor(createDrafts)) return false;
  const fields = new FormData(source, submitter);
  if (anyway) fields.set('anyway', '1');
  submitter.closest('dialog')?.close();
  const answer = await blockEditor(() => post(actionOf(source), fields, { again: (anyway) => save(undefined, anyway) }));
  if (!answer) return false;
  swap(answer.parts);
  customers.markRefused();
  if (answer.ok) record().dispatchEvent(new Event('recordsaved', { bubbles: true }));
  return answer.ok;
}

/** Creates the new customers; resolves to whether that is done. */
const createDrafts = () => load(() => import('./drafts.js'), import.meta.resolve('./drafts.js'), (it) => it.createDrafts(searchFields, () => save()));

/** Gets the editor anew from the server, with what was typed.
    @param {string} url */
export async function renewEditor(url, fields = new FormData(form() ?? undefined), drafts = customers.drafts()) {
  clearProblem();
  const answer = await blockEditorAndLeaving(() => post(url, fields, { again: () => renewEditor(url, fields, drafts) }));
  if (!answer) return;
  swap(answer.parts);
  for (const row of drafts) pick(row);
  focusEditor();
}

export async function discard() {
  const editor = form();
  if (!pristine) {
    if (editor) await renewEditor(editor.dataset.discardUrl, new FormData(), []);
    return;
  }
  record().replaceWith(clone(pristine));
  removeUndo();
  document.dispatchEvent(new Event('recordshown'));
  focusEditor();
}

/** Handles the keys of the editor; returns whether the key was one of them.
    @param {KeyboardEvent & { target: HTMLElement }} event */
export function editorKey(event) {
  if (!form() || dialogIsOpen()) return false;
  const { target } = event;
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key === 'Enter') save();
  else if (isUndo(event) && !target.matches('input, textarea')) isBusy() || pressUndo();
  else return false;
  event.preventDefault();
  return true;
}

/** @param {string} [query] */
function searchFields(query = '') {
  const fields = new URLSearchParams({ q: query, record: editedRecord() });
  for (const row of customers.rows()) fields.append('customer', row.dataset.key);
  return fields;
}

/** @param {HTMLElement} row */
function pick(row) {
  customers.add(row);
  announceRow('added', row);
  showChanges();
}

/** @param {HTMLElement} row */
async function removeRow(row) {
  if (row.hasAttribute('data-unseen') && await ask('remove-unseen') !== 'remove') return;
  const neighbor = row.nextElementSibling ?? row.previousElementSibling;
  const hadFocus = row.contains(document.activeElement) || document.activeElement === document.body;
  customers.remove(row);
  announceRow('removed', row);
  if (hadFocus) (neighbor?.querySelector('.remove') ?? addField())?.focus();
  showChanges();
}

/** @param {HTMLElement} row */
function makeMain(row) {
  customers.makeMain(row);
  announceRow('main', row);
  row.querySelector('.remove')?.focus();
  showChanges();
}

const backspace = () => import('./backspace.js').then((it) => it.armOrRemoveLast(removeRow), () => {});

export const picker = { fields: searchFields, pick, backspace, save: () => save(), announce };
