/* Selects several records in the list: rows show a tick instead of the avatar. Rows that a search hides
   are not counted and not removed. Loaded when it is first used. */
import { finishNow } from '../search/results.js';
import { select, SHOWN } from '../list.js';
import { fromTemplate } from '../../core/fragments.js';
import { announce } from '../../record/changes.js';
import { removeMany, removeRow } from '../../record/removal.js';
import { itemOf, neighborOf } from '../../record/removal/outcomes.js';
import { tellBelowWindow } from '../../portal/viewport.js';

const records = document.getElementById('records');
/** @type {Set<string>} */
let ticked = new Set();
/** What was ticked before the range that begins at `anchor`.
    @type {Set<string>} */
let base = new Set();
let anchor = '';
/** @type {HTMLElement | null} */
let bar = null;
let unfollow = () => {};

function rows() {
  finishNow();
  return /** @type {HTMLButtonElement[]} */ ([...records.querySelectorAll(SHOWN)]);
}

const chosen = () => rows().filter(({ value }) => ticked.has(value));

/** Begins to select. */
export function start() {
  if (bar) return;
  const [part] = fromTemplate('selecting');
  if (!part) return;
  bar = part;
  records.ariaMultiSelectable = 'true';
  records.parentElement?.append(part);
  const box = document.getElementById('select-all');
  box.addEventListener('change', () => selectAll(box.checked));
  document.getElementById('stop-selecting')?.addEventListener('click', stop);
  document.getElementById('remove-selected').addEventListener('click', removeChosen);
  part.addEventListener('keydown', ({ key, target }) => {
    const way = { ArrowRight: 1, ArrowLeft: -1 }[key];
    const tools = [...part.querySelectorAll('input, button:enabled')];
    if (way) tools[tools.indexOf(target) + (document.dir === 'rtl' ? -way : way)]?.focus();
  });
  unfollow = tellBelowWindow(part);
  observer.observe(records, { childList: true, subtree: true, attributeFilter: ['aria-selected', 'hidden', 'data-count'] });
  show();
  if (!records.contains(document.activeElement)) rows()[0]?.focus();
}

/** Ends selecting. Rows show again which record is open. */
export function stop() {
  const hadFocus = bar?.contains(document.activeElement);
  observer.disconnect();
  unfollow();
  bar?.remove();
  bar = null;
  [ticked, base, anchor] = [new Set(), new Set(), ''];
  records.ariaMultiSelectable = null;
  mark();
  select(document.querySelector(`#records [id="record-${openRecord()}"]`));
  if (hadFocus) records.querySelector('[tabindex="0"]')?.focus();
}

const openRecord = () => document.getElementById('record').dataset.record ?? '';

/** @param {HTMLButtonElement} row */
export function toggle(row) {
  start();
  if (!ticked.delete(row.value)) ticked.add(row.value);
  [base, anchor] = [new Set(ticked), row.value];
  row.focus();
  show();
}

/** Selects the rows from the one where the range begins to this one.
    @param {HTMLButtonElement} row @param {HTMLButtonElement | null} [from] */
export function extend(row, from) {
  start();
  const all = rows();
  const to = all.indexOf(row);
  anchor ||= from?.value ?? '';
  const begin = all.findIndex(({ value }) => value === anchor);
  if (begin < 0) anchor = row.value;
  const [first, last] = [begin < 0 ? to : begin, to].sort((one, other) => one - other);
  ticked = new Set([...base, ...all.slice(first, (last ?? 0) + 1).map(({ value }) => value)]);
  row.focus();
  show();
}

/** @param {HTMLButtonElement} row @param {1 | -1} way */
export function extendBy(row, way) {
  const all = rows();
  const next = all[all.indexOf(row) + way];
  if (next) extend(next, row);
}

/** @param {boolean} on */
export function selectAll(on) {
  for (const { value } of rows()) {
    if (on) ticked.add(value);
    else ticked.delete(value);
  }
  base = new Set(ticked);
  show();
}

/** Removes what is selected, or this row alone.
    @param {HTMLButtonElement} row */
export function remove(row) {
  if (bar && ticked.size) return removeChosen();
  finishNow();
  document.getElementById(neighborOf([row.value]))?.focus();
  return removeRow(itemOf(row));
}

function removeChosen() {
  const some = chosen();
  if (!some.length) return null;
  const before = new Set(some.map(({ value }) => value));
  const items = some.map(itemOf);
  stop();
  return removeMany(items, () => {
    start();
    ticked = before;
    base = new Set(before);
    show();
  });
}

/** Shows in each row whether it is ticked. */
function mark() {
  for (const row of records.querySelectorAll('[role=option]')) {
    const value = String(ticked.has(row.value));
    if (row.ariaSelected !== value) row.ariaSelected = value;
    const current = bar && row.value === openRecord() ? 'true' : null;
    if (row.ariaCurrent !== current) row.ariaCurrent = current;
  }
}

function show() {
  mark();
  observer.takeRecords();
  const [all, count] = [rows().length, chosen().length];
  const box = document.getElementById('select-all');
  const button = document.getElementById('remove-selected');
  const words = bar?.querySelector('[data-text]');
  if (!words) return;
  [box.checked, box.indeterminate] = [count > 0 && count === all, count > 0 && count < all];
  button.disabled = !count;
  const text = words.dataset.text.replace('{count}', String(count));
  if (words.textContent === text) return;
  words.textContent = text;
  announce(text);
}

let due = 0;
/** Rows come, go and are searched; a record that is opened is marked as selected. */
const observer = new MutationObserver(() => {
  mark();
  observer.takeRecords();
  clearTimeout(due);
  due = setTimeout(() => { if (bar) show(); }, 100);
});

/** The record that was open when selecting began may be sent anew. */
document.addEventListener('recordshown', () => {
  if (bar && !document.querySelector('#records [aria-current]')?.matches(`[id="record-${openRecord()}"]`)) stop();
});
