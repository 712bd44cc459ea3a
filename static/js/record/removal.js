/* Removing records. A portal cannot bring them back, so it is asked to remove them only after some
   seconds in which *Undo* is shown: one countdown and one *Undo* for all that are removed meanwhile. The
   time stands still while the pointer or the focus is there. Closing the page removes nothing, and the
   next page says so. */
import { discard, editedRecord, mayLeave } from './editor.js';
import { announce, isDirty } from './changes.js';
import * as outcomes from './removal/outcomes.js';
import './removal/toasts.js';
import { clearProblem, fromTemplate, swap } from '../core/fragments.js';
import { isUndo } from '../core/keys.js';
import { post } from '../core/request.js';
import { savePreferenceHere } from '../portal/preferences.js';

/** A record to be removed: its name, and how it is shown. In the editor, it has a form of its own.
    @typedef {{ id: string, title: string, about?: string, shown: string, form?: { url: string, fields: FormData } }} Item */
/** Records that are removed together, those `left` to be sent, and what *Undo* brings back.
    @typedef {{ items: Map<string, Item>, left: Item[], bar: HTMLElement, undo: HTMLButtonElement, words: HTMLElement,
 *    time: number, seen: number, timer: number, undone: () => void }} Batch */

const SECONDS = 7;
const toasts = document.getElementById('toasts');
/** Those that wait for their time, and before them those that are being removed.
    @type {Batch[]} */
const batches = [];
/** @param {string} id */
const rowOf = (id) => document.getElementById(`record-${id}`);
const waiting = () => batches.find(({ undo }) => !undo.disabled);

/** Begins to count for the record that this form would remove.
    @param {HTMLFormElement} form */
export async function startRemoval(form) {
  if (!await mayLeave()) return;
  if (isDirty()) await discard();
  // If the record was saved on the way, the answer brought a new form.
  const now = document.getElementById('removal') ?? form;
  const { record: id = '', title, note } = now.dataset;
  const fields = new FormData(now);
  const shown = [id, note, ...fields.getAll('seen')].join(' ');
  if (!begin([{ id, title, shown, form: { url: now.getAttribute('action') ?? '', fields } }])) return;
  const row = rowOf(id);
  if (row?.checkVisibility()) row.focus();
  else document.querySelector('#record .back')?.focus();
}

/** Begins to count, anew for those that are waiting already. Returns false if all of them are.
    @param {Item[]} items @param {() => void} [undone] */
export function begin(items, undone = () => {}) {
  const others = items.filter(({ id }) => !batches.some((batch) => batch.items.has(id)));
  const batch = others.length ? waiting() ?? open() : null;
  if (!batch) return false;
  clearProblem();
  for (const item of others) batch.items.set(item.id, item);
  if (outcomes.countdownPlaceFor([...batch.items.keys()])) outcomes.addRows(others);
  const before = batch.undone;
  batch.undone = () => { before(); undone(); };
  Object.assign(batch, { time: SECONDS * 1000, seen: Date.now() });
  const [name, said] = [nameOf(batch), batch.bar.dataset.said ?? ''];
  batch.bar.querySelector('bdi')?.replaceChildren(name);
  tick(batch);
  announce(said.replace('{name}', () => name));
  return true;
}

/** @returns {Batch | null} */
function open() {
  const [bar] = fromTemplate('removal-countdown');
  const undo = bar?.querySelector('button');
  const words = bar?.querySelector('[data-text]');
  if (!bar || !undo || !words) return null;
  /** @type {Batch} */
  const batch = { items: new Map(), left: [], bar, undo, words, time: 0, seen: 0, timer: 0, undone: () => {} };
  undo.addEventListener('click', () => keep(batch));
  batch.timer = setInterval(() => tick(batch), 250);
  batches.push(batch);
  return batch;
}

/** @param {Batch} batch */
const nameOf = ({ items }) => (items.size > 1 ? outcomes.countOf(items.size) : [...items.values()][0]?.title ?? '');

/** @param {Batch} batch */
function tick(batch) {
  const { bar, words, timer } = batch;
  const now = Date.now();
  if (!bar.matches(':hover, :focus-within')) batch.time -= now - batch.seen;
  batch.seen = now;
  const count = Math.ceil(batch.time / 1000);
  const text = words.dataset.text.replace('{count}', String(Math.max(count, 0)));
  if (words.textContent !== text) words.textContent = text;
  show();
  if (count > 0) return;
  clearInterval(timer);
  carryOut(batch);
}

/** Marks the records that are about to be removed, in the list and in the editor, as they are now. */
function show() {
  for (const row of document.querySelectorAll('.option.is-pending-removal')) row.classList.remove('is-pending-removal');
  for (const { items, bar } of batches) {
    for (const id of items.keys()) rowOf(id)?.classList.add('is-pending-removal');
    const place = outcomes.countdownPlaceFor([...items.keys()]) ?? toasts;
    if (bar.parentNode !== place) place.append(bar);
  }
  const editor = document.getElementById('editor');
  if (!editor) return;
  const isPending = batches.some(({ items }) => items.has(editedRecord()));
  document.getElementById('record').classList.toggle('is-pending-removal', isPending);
  editor.inert = isPending;
  for (const part of document.querySelectorAll('.editor-head > :not(.back)')) part.inert = isPending;
}

/** @param {Batch} batch */
function forget(batch) {
  clearInterval(batch.timer);
  if (batches.includes(batch)) batches.splice(batches.indexOf(batch), 1);
  batch.bar.remove();
  show();
}

/** @param {Batch} batch */
const hasFocus = ({ items, bar }) => bar.contains(document.activeElement) || outcomes.hasFocus()
  || [...items.keys()].some((id) => document.activeElement === rowOf(id));

/** @param {Batch} batch */
function keep(batch) {
  const [ids, hadFocus] = [[...batch.items.keys()], hasFocus(batch)];
  forget(batch);
  if (outcomes.countdownPlaceFor(ids)) outcomes.restoreEditor();
  batch.undone();
  if (!hadFocus) return;
  const menu = ids.length === 1 && editedRecord() === ids[0] ? document.querySelector('.menu summary') : null;
  (menu ?? rowOf(ids[0] ?? ''))?.focus();
}

/** @param {Batch} batch */
function carryOut(batch) {
  batch.undo.disabled = true;
  const [item, other] = batch.items.values();
  if (item?.form && !other) removeOne(batch, item.id, item.form);
  else {
    batch.left = [...batch.items.values()];
    removeAll(batch, outcomes.neighborOf([...batch.items.keys()]), []);
  }
}

/** Removes the record that is open. If a colleague has changed it, the answer asks about that.
    @param {Batch} batch @param {string} id @param {{ url: string, fields: FormData }} form */
async function removeOne(batch, id, form) {
  const answer = await post(form.url, form.fields, { again: () => startAgain(batch, () => removeOne(batch, id, form)) });
  const isOpen = editedRecord() === id;
  const hadFocus = hasFocus(batch) || document.activeElement === document.body;
  forget(batch);
  // Another record that was opened meanwhile stays open.
  if (answer) swap(answer.parts.filter((part) => part.id !== 'record' || isOpen));
  if (answer?.ok && isOpen && hadFocus) document.getElementById('record-title')?.focus();
}

/** Removes the records that are left, and goes on to the next one.
    @param {Batch} batch @param {string} next the row that follows @param {HTMLElement[]} told the outcomes of the others */
async function removeAll(batch, next, told) {
  const ids = [...batch.items.keys()];
  while (batch.left.length) {
    outcomes.showProgress(ids.length - batch.left.length, ids.length);
    const some = batch.left.slice(0, outcomes.AT_ONCE);
    const { url } = document.getElementById('removal-countdown').dataset;
    const answer = await post(url, outcomes.linesOf(some), { again: () => startAgain(batch, () => removeAll(batch, next, told)) });
    if (!answer?.ok) {
      forget(batch);
      if (answer) swap(answer.parts);
      return;
    }
    batch.left.splice(0, some.length);
    told.push(...outcomes.placeAnswer(answer.parts));
  }
  const wasShown = outcomes.countdownPlaceFor(ids) !== null;
  const wasOpen = batch.items.has(editedRecord());
  forget(batch);
  const all = outcomes.showResults([...batch.items.values()], told, wasShown);
  if (all && (wasShown || wasOpen)) outcomes.openNext(next);
}

/** @param {Batch} batch @param {() => unknown} again */
function startAgain(batch, again) {
  clearProblem();
  batches.push(batch);
  show();
  again();
}

/** Shows what will happen to records, and begins to count. `undone` is called if they stay after all.
    @param {Item[]} items @param {() => void} undone */
export async function removeMany(items, undone) {
  if (!await mayLeave()) {
    undone();
    return;
  }
  if (isDirty()) await discard();
  outcomes.showPreview([...waiting()?.items.values() ?? [], ...items]);
  show();
  const removable = await outcomes.previewRemoval(items, () => removeMany(items, undone));
  if (removable?.length) begin(removable, undone);
  else if (removable) outcomes.showResults(items, [], true);
}

/** @param {HTMLButtonElement[]} rows of the list, as they are shown now */
export const removeRows = (rows) => removeMany(rows.map(outcomes.itemOf), () => {});

/** @param {Item} item */
export async function removeRow(item) {
  if (editedRecord() === item.id) {
    if (!await mayLeave()) return;
    if (isDirty()) await discard();
  }
  const removable = await outcomes.previewRemoval([item], () => removeRow(item));
  if (removable?.length) begin(removable);
}

document.addEventListener('recordshown', show);

window.addEventListener('pagehide', () => {
  // The portal removes the records that were sent.
  const stay = batches.flatMap(({ items, left, undo }) => (undo.disabled ? left.slice(outcomes.AT_ONCE) : [...items.values()]));
  if (stay.length) savePreferenceHere('not-removed', stay.map(({ id }) => id).join(' '));
});

document.addEventListener('keydown', (event) => {
  const last = waiting();
  if (!last || !isUndo(event) || event.target.matches('input, textarea')) return;
  event.preventDefault();
  keep(last);
}, { capture: true });
