/* Removing a record: a portal cannot bring it back, so it is asked to only after some seconds in
   which *Undo* is shown. Whoever closes the page meanwhile has removed nothing. */
import { announce, discard, editedRecord, isDirty, mayLeave } from './editor.js';
import { clearProblem, swap } from '../core/fragments.js';
import { post } from '../core/request.js';
import { followSight } from '../core/viewport.js';

const SECONDS = 7;
const leaving = new Map();
const bars = document.getElementById('going');
let unfollow = null;
const section = () => document.getElementById('record');
const rowOf = (id) => document.getElementById(`record-${id}`);

/** Begins to count for the record that this form would remove. */
export async function startRemoval(form) {
  if (!await mayLeave()) return;
  if (isDirty()) await discard();
  // What was saved on the way has brought a new form.
  begin(document.getElementById('removal') ?? form);
}

function begin(form) {
  const { record: id, title } = form.dataset;
  if (leaving.has(id)) return;
  clearProblem();
  const bar = document.getElementById('leaving').content.firstElementChild.cloneNode(true);
  bar.querySelector('bdi').textContent = title;
  const removal = {
    id, bar, url: form.getAttribute('action'), fields: new FormData(form), until: Date.now() + SECONDS * 1000,
  };
  removal.fields.set('sure', 'yes');
  put(removal);
  bar.querySelector('button').addEventListener('click', () => keep(removal));
  removal.timer = setInterval(() => tick(removal), 250);
  tick(removal);
  announce(bar.dataset.said.replace('{name}', title));
  bar.querySelector('button').focus();
}

function put(removal) {
  leaving.set(removal.id, removal);
  bars.append(removal.bar);
  unfollow ??= followSight((end) => {
    bars.style.setProperty('--unseen', `${Math.max(0, window.innerHeight - end)}px`);
  });
}

function tick(removal) {
  const text = removal.bar.querySelector('[data-text]');
  const count = Math.ceil((removal.until - Date.now()) / 1000);
  const words = text.dataset.text.replace('{count}', Math.max(count, 0));
  if (text.textContent !== words) text.textContent = words;
  show();
  if (count > 0) return;
  clearInterval(removal.timer);
  carryOut(removal);
}

/** What is to go looks so, whichever record is open and however often rows are sent anew. */
function show() {
  for (const row of document.querySelectorAll('.option.is-leaving')) row.classList.remove('is-leaving');
  for (const id of leaving.keys()) rowOf(id)?.classList.add('is-leaving');
  const editor = document.getElementById('editor');
  if (!editor) return;
  const goes = leaving.has(editedRecord());
  section().classList.toggle('is-leaving', goes);
  editor.inert = goes;
  for (const part of document.querySelectorAll('.editor-head > :not(.back)')) part.inert = goes;
}

function forget(removal) {
  clearInterval(removal.timer);
  leaving.delete(removal.id);
  removal.bar.remove();
  show();
  if (leaving.size) return;
  unfollow();
  unfollow = null;
}

function keep(removal) {
  const hadFocus = removal.bar.contains(document.activeElement);
  forget(removal);
  if (!hadFocus) return;
  const menu = editedRecord() === removal.id && document.querySelector('.menu summary');
  (menu || rowOf(removal.id))?.focus();
}

async function carryOut(removal) {
  removal.bar.querySelector('button').disabled = true;
  const answer = await post(removal.url, removal.fields, { again: () => startAgain(removal) });
  const isOpen = editedRecord() === removal.id;
  const hadFocus = removal.bar.contains(document.activeElement) || document.activeElement === document.body;
  forget(removal);
  // Somebody who has opened another record meanwhile keeps it.
  if (answer) swap(answer.parts.filter((part) => part.id !== 'record' || isOpen));
  if (answer?.ok && isOpen && hadFocus) document.getElementById('record-title').focus();
}

function startAgain(removal) {
  clearProblem();
  put(removal);
  show();
  carryOut(removal);
}

document.addEventListener('recordshown', show);

document.addEventListener('keydown', (event) => {
  const last = [...leaving.values()].findLast(({ bar }) => !bar.querySelector('button').disabled);
  const undo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z';
  if (!last || !undo || event.target.matches('input, textarea')) return;
  event.preventDefault();
  keep(last);
}, { capture: true });
