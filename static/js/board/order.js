/* The order of the list: the newest or the longest waiting first, as the user has chosen it. Loaded at
   once, beside the list. */
import { followChoice, keepChoice } from '../portal/choices.js';

/** Records that wait shorter are never red. */
const MANY_DAYS = 35;
/** Groups from the newest to the oldest; records of an unknown age come last in any order. */
const AGES = ['today', 'week', 'month', 'older'];
const records = document.getElementById('records');
let longestFirst = false;

/** @param {string} order */
export function choose(order) {
  use(order);
  keepChoice('order', order).catch(() => {});
}

/** @param {string} order */
function use(order) {
  longestFirst = order === 'longest';
  for (const item of document.querySelectorAll('[data-order]')) {
    item.ariaChecked = String(item.dataset.order === order);
  }
  sort();
  showSelected();
}

/** Sorts groups and rows; a row that a search has found stands by its rank first. */
export function sort() {
  const focused = document.activeElement;
  const way = longestFirst ? 1 : -1;
  /** @param {string | undefined} age */
  const placeOf = (age = '') => (AGES.includes(age) ? -way * AGES.indexOf(age) : AGES.length);
  arrange(records, ({ id }) => [id === 'group-found' ? -AGES.length : placeOf(id.replace('group-', ''))]);
  for (const group of records.children) {
    arrange(group, (row) => [Number(row.dataset.rank ?? 0), placeOf(row.dataset.age), way * numberOf(row)]);
  }
  if (focused !== document.activeElement) /** @type {HTMLElement} */ (focused).focus({ preventScroll: true });
}

/** @param {Element} row */
const numberOf = (row) => Number(/** @type {HTMLButtonElement} */ (row).value);

/** Sorts the children of an element by numbers; those at their places are not touched.
    @param {Element} parent @param {(child: HTMLElement) => number[]} keysOf */
function arrange(parent, keysOf) {
  const keyed = /** @type {HTMLElement[]} */ ([...parent.children]).map((child) => ({ child, keys: keysOf(child) }));
  keyed.sort(({ keys }, other) => keys.map((key, at) => key - (other.keys[at] ?? 0)).find(Boolean) ?? 0);
  let there = parent.firstElementChild;
  for (const { child } of keyed) {
    if (child === there) there = there.nextElementSibling;
    else parent.insertBefore(child, there);
  }
}

/** Leaves the color to the tenth that waits longest. */
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
  const row = records.querySelector('[aria-selected=true]');
  const [list, place] = [records.getBoundingClientRect(), row?.getBoundingClientRect()];
  if (place && (place.top < list.top || place.bottom > list.bottom)) {
    records.scrollTop += place.top - list.top - (list.height - place.height) / 2;
  }
}

let due = 0;
new MutationObserver((changes) => {
  // What stands in a row is no matter.
  if (!changes.some(({ target }) => target === records || target.parentNode === records)) return;
  if (longestFirst) sort();
  if (due) return;
  due = requestAnimationFrame(() => {
    due = 0;
    markLongest();
  });
}).observe(records, { childList: true, subtree: true });
markLongest();
followChoice('order', use);
whenLoaded(showSelected);

/** @param {() => void} then */
function whenLoaded(then) {
  if (document.readyState === 'complete') then();
  else window.addEventListener('load', then, { once: true });
}
