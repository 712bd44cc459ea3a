/* The order of the list: the newest or the longest waiting first, as the user has chosen it. Loaded at
   once, beside the list. */
import { followPreference, savePreference } from '../portal/preferences.js';
import { layOutRows } from './lazy-rows.js';

/** Records that wait shorter are never red. */
const MANY_DAYS = 35;
/** Groups from the newest to the oldest; records of an unknown age come last in any order. */
const AGES = ['today', 'week', 'month', 'older'];
const records = document.getElementById('records');
let longestFirst = false;

/** @param {string} order */
export function chooseOrder(order) {
  applyOrder(order);
  savePreference('order', order).catch(() => {});
}

/** @param {string} order */
function applyOrder(order) {
  longestFirst = order === 'longest';
  for (const item of document.querySelectorAll('[data-order]')) {
    item.ariaChecked = String(item.dataset.order === order);
  }
  sort();
  showSelected();
}

/** Sorts groups, and the rows in them; those that a search has put together are the search's. */
function sort() {
  const focused = document.activeElement;
  arrange(records, (one, other) => placeOf(one.id.replace('group-', '')) - placeOf(other.id.replace('group-', '')));
  for (const group of records.children) {
    if (group.id !== 'group-results') arrange(group, compare);
  }
  if (focused !== document.activeElement) /** @type {HTMLElement} */ (focused).focus({ preventScroll: true });
}

/** Compares rows by their age and number.
    @param {HTMLButtonElement} one @param {HTMLButtonElement} other */
export const compare = (one, other) => placeOf(one.dataset.age) - placeOf(other.dataset.age)
  || direction() * (Number(one.value) - Number(other.value));

const direction = () => (longestFirst ? 1 : -1);

/** @param {string | undefined} age */
function placeOf(age = '') {
  if (age === 'found') return -AGES.length;
  return AGES.includes(age) ? -direction() * AGES.indexOf(age) : AGES.length;
}

/** Sorts the children of an element; those at their places are not touched.
    @template {HTMLElement} Child @param {Element} parent @param {(one: Child, other: Child) => number} by */
function arrange(parent, by) {
  let there = parent.firstElementChild;
  for (const child of /** @type {Child[]} */ ([...parent.children]).sort(by)) {
    if (child === there) there = there.nextElementSibling;
    else parent.insertBefore(child, there);
  }
}

/** Colors the tenth of the records that has waited longest. */
function markLongest() {
  const rows = [...records.querySelectorAll('[role=option]')];
  const days = rows.map((row) => Number(row.dataset.days ?? 0)).sort((one, other) => other - one);
  const least = Math.max(MANY_DAYS, days[Math.ceil(rows.length / 10) - 1] ?? 0);
  for (const row of rows) {
    const late = Number(row.dataset.days ?? 0) >= least;
    const age = row.querySelector('.age.is-late, .age.is-old');
    age?.classList.toggle('is-late', late);
    age?.classList.toggle('is-old', !late);
  }
}

/** Shows the row of the open record in the middle of the list. */
function showSelected() {
  layOutRows();
  const row = records.querySelector('[aria-selected=true]');
  const [list, place] = [records.getBoundingClientRect(), row?.getBoundingClientRect()];
  if (place && (place.top < list.top || place.bottom > list.bottom)) {
    records.scrollTop += place.top - list.top - (list.height - place.height) / 2;
  }
}

/** @type {WeakSet<Node>} */
const seen = new WeakSet();
let due = 0;

/** Sorts rows that were added. A search only moves rows that are there.
    @param {MutationRecord[]} changes */
function sortNewRows(changes) {
  const rows = changes.filter(({ target }) => target.parentNode === records).flatMap(({ addedNodes }) => [...addedNodes]);
  const news = rows.filter((row) => !seen.has(row));
  if (!news.length) return;
  for (const row of news) seen.add(row);
  if (longestFirst) sort();
  if (due) return;
  due = requestAnimationFrame(() => {
    due = 0;
    markLongest();
  });
}

for (const row of records.querySelectorAll('[role=option]')) seen.add(row);
new MutationObserver(sortNewRows).observe(records, { childList: true, subtree: true });
markLongest();
followPreference('order', applyOrder);
whenLoaded(showSelected);
// The list gets its height after its rows. When the user scrolls, another place is wanted.
const height = new ResizeObserver(showSelected);
height.observe(records);
for (const type of ['keydown', 'pointerdown', 'wheel']) window.addEventListener(type, () => height.disconnect(), { once: true, passive: true });

/** @param {() => void} then */
function whenLoaded(then) {
  if (document.readyState === 'complete') then();
  else window.addEventListener('load', then, { once: true });
}
