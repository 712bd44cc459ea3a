/* The order of the list: the newest or the longest waiting first, as the user has chosen it. Loaded at
   once, beside the list. */
import { followChoice, keepChoice } from '../portal/choices.js';

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
}

function sort() {
  const focused = document.activeElement;
  const way = longestFirst ? 1 : -1;
  /** @param {Element} group */
  const rank = ({ id }) => {
    const age = AGES.indexOf(id.replace('group-', ''));
    return age < 0 ? AGES.length : -way * age;
  };
  arrange(records, (one, other) => rank(one) - rank(other));
  for (const group of records.children) {
    arrange(group, (one, other) => way * (numberOf(one) - numberOf(other)));
  }
  if (focused !== document.activeElement) /** @type {HTMLElement} */ (focused).focus({ preventScroll: true });
}

/** @param {Element} row */
const numberOf = (row) => Number(/** @type {HTMLButtonElement} */ (row).value);

/** Sorts the children of an element; those at their places are not touched.
    @param {Element} parent @param {(one: Element, other: Element) => number} compare */
function arrange(parent, compare) {
  [...parent.children].sort(compare).forEach((one, place) => {
    const there = parent.children[place];
    if (there && there !== one) parent.insertBefore(one, there);
  });
}

new MutationObserver(() => { if (longestFirst) sort(); }).observe(records, { childList: true, subtree: true });
followChoice('order', use);
