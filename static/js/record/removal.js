/* Removing a record. A portal cannot bring it back, so it is asked to remove it only after some
   seconds in which *Undo* is shown. The time stands still while the pointer or the focus is there.
   Closing the page meanwhile removes nothing, and the next page says so. */
import { discard, editedRecord, mayLeave } from './editor.js';
import { announce, isDirty } from './changes.js';
import { clearProblem, fromTemplate, swap } from '../core/fragments.js';
import { isUndo } from '../core/keys.js';
import { post } from '../core/request.js';
import { keepHere } from '../portal/choices.js';
import { followViewportEnd } from '../portal/viewport.js';

/** @typedef {{ id: string, bar: HTMLElement, undo: HTMLButtonElement, words: HTMLElement, url: string,
 *    fields: FormData, left: number, seen: number, timer: number }} Removal */

const SECONDS = 7;
/** Removals that wait for their time, or for an answer, by record.
    @type {Map<string, Removal>} */
const removals = new Map();
const bars = document.getElementById('going');
/** @type {(() => void) | null} */
let unfollow = null;
/** @param {string} id */
const rowOf = (id) => document.getElementById(`record-${id}`);

/** Begins to count for the record that this form would remove.
    @param {HTMLFormElement} form */
export async function startRemoval(form) {
  if (!await mayLeave()) return;
  if (isDirty()) await discard();
  // If the record was saved on the way, the answer brought a new form.
  begin(document.getElementById('removal') ?? form);
}

/** @param {HTMLFormElement} form */
function begin(form) {
  const { record: id = '', title } = form.dataset;
  const [bar] = fromTemplate('leaving');
  const undo = bar?.querySelector('button');
  const words = bar?.querySelector('[data-text]');
  const name = bar?.querySelector('bdi');
  if (!bar || !undo || !words || !name || removals.has(id)) return;
  clearProblem();
  name.textContent = title;
  const fields = new FormData(form);
  const removal = {
    id, bar, undo, words, fields, url: form.getAttribute('action') ?? '', left: SECONDS * 1000, seen: Date.now(), timer: 0,
  };
  put(removal);
  undo.addEventListener('click', () => keep(removal));
  removal.timer = setInterval(() => tick(removal), 250);
  tick(removal);
  announce(bar.dataset.said?.replace('{name}', () => title) ?? '');
  const row = rowOf(id);
  if (row?.checkVisibility()) row.focus();
  else document.querySelector('#record .back')?.focus();
}

/** @param {Removal} removal */
function put(removal) {
  removals.set(removal.id, removal);
  bars.append(removal.bar);
  unfollow ??= followViewportEnd((end) => {
    bars.style.setProperty('--below-window', `${Math.max(0, window.innerHeight - end)}px`);
  });
}

/** @param {Removal} removal */
function tick(removal) {
  const { bar, words, timer } = removal;
  const now = Date.now();
  if (!bar.matches(':hover, :focus-within')) removal.left -= now - removal.seen;
  removal.seen = now;
  const count = Math.ceil(removal.left / 1000);
  const text = words.dataset.text.replace('{count}', String(Math.max(count, 0)));
  if (words.textContent !== text) words.textContent = text;
  show();
  if (count > 0) return;
  clearInterval(timer);
  carryOut(removal);
}

/** Marks what is about to be removed, whichever record is open and however often rows are sent anew. */
function show() {
  for (const row of document.querySelectorAll('.option.is-leaving')) row.classList.remove('is-leaving');
  for (const id of removals.keys()) rowOf(id)?.classList.add('is-leaving');
  const editor = document.getElementById('editor');
  if (!editor) return;
  const leaves = removals.has(editedRecord());
  document.getElementById('record').classList.toggle('is-leaving', leaves);
  editor.inert = leaves;
  for (const part of document.querySelectorAll('.editor-head > :not(.back)')) part.inert = leaves;
}

/** @param {Removal} removal */
function forget(removal) {
  clearInterval(removal.timer);
  removals.delete(removal.id);
  removal.bar.remove();
  show();
  if (removals.size) return;
  unfollow?.();
  unfollow = null;
}

/** @param {Removal} removal */
const hasFocus = ({ id, bar }) => bar.contains(document.activeElement) || document.activeElement === rowOf(id);

/** @param {Removal} removal */
function keep(removal) {
  const hadFocus = hasFocus(removal);
  forget(removal);
  if (!hadFocus) return;
  const menu = editedRecord() === removal.id ? document.querySelector('.menu summary') : null;
  (menu ?? rowOf(removal.id))?.focus();
}

/** @param {Removal} removal */
async function carryOut(removal) {
  removal.undo.disabled = true;
  const answer = await post(removal.url, removal.fields, { again: () => startAgain(removal) });
  const isOpen = editedRecord() === removal.id;
  const hadFocus = hasFocus(removal) || document.activeElement === document.body;
  forget(removal);
  // Another record that was opened meanwhile stays open.
  if (answer) swap(answer.parts.filter((part) => part.id !== 'record' || isOpen));
  if (answer?.ok && isOpen && hadFocus) document.getElementById('record-title')?.focus();
}

/** @param {Removal} removal */
function startAgain(removal) {
  clearProblem();
  put(removal);
  show();
  carryOut(removal);
}

document.addEventListener('recordshown', show);

window.addEventListener('pagehide', () => {
  const waiting = [...removals.values()].filter(({ undo }) => !undo.disabled);
  if (waiting.length) keepHere('not-removed', waiting.map(({ id }) => id).join(' '));
});

document.addEventListener('keydown', (event) => {
  const last = [...removals.values()].findLast(({ undo }) => !undo.disabled);
  if (!last || !isUndo(event) || event.target.matches('input, textarea')) return;
  event.preventDefault();
  keep(last);
}, { capture: true });
