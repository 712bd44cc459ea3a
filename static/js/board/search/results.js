/* Puts the records that a search has found together, matches of the main customer first, and marks what
   matched. Loaded at once, beside the list. */
import { isEnough, readQuery } from '../../core/text-match.js';
import { compare } from '../order.js';
import { flushLayout } from '../lazy-rows.js';
import './arrow-keys.js';
import { highlight } from './highlight.js';

/** Milliseconds of one task, so that typing is never delayed. */
const SLICE = 6;
/** Changes between two frames, of which drawing takes longer than changing. To show or hide a row is one. */
const STEPS = 24;
/** A browser builds a row that moves anew, with all its content. */
const STEPS_OF_A_MOVE = 12;
/** Milliseconds. */
const LONGEST_WAIT = 500;
/** So many rows are put together. */
const MOST = 200;
const group = document.getElementById('group-results');
/** Customers that CRM has found for a query by data that the page does not have.
    @type {{ query: string, keys: string[] }} */
let inCrm = { query: '', keys: [] };
/** The query and the customers that each row is marked for.
    @type {WeakMap<HTMLButtonElement, string>} */
const highlighted = new WeakMap();
/** The changes that are left; a later search begins anew.
    @type {{ changes: Iterator<number>, settle: () => void } | null} */
let work = null;
/** The search to run when the browser has drawn the typed letter.
    @type {(() => void) | null} */
let waiting = null;
let isDue = false;
/** A letter was typed that the next frame draws. */
let isTyped = false;

/** Adds customers that CRM has found. Call `filter` of the list afterwards.
    @param {string} query @param {string[]} keys */
export function addCrmMatches(query, keys) {
  inCrm = { query, keys };
}

/** @param {string} query */
export function matcher(query) {
  const { matches } = readQuery(query);
  const keys = keysFor(query);
  /** @param {SearchedRow} row */
  return (row) => matches(row) || (keys.length > 0 && customersOf(row.element).some((key) => keys.includes(key)));
}

/** @param {string} query */
const keysFor = (query) => (query.trim() === inCrm.query ? inCrm.keys : []);

/** @param {HTMLElement} option */
const customersOf = (option) => option.dataset.people.split('\n').map((person) => person.split('\t')[0] ?? '');

/** Shows the rows that were found, some after each other, and puts them together; many stay in their
    groups, as all do with nothing to search for. `settle` is called after each part of the work.
    @param {string} query @param {SearchedRow[]} rows @param {SearchedRow[]} shown
    @param {(together: boolean) => void} settle */
export function showRows(query, rows, shown, settle) {
  const together = isEnough(query.trim()) && shown.length <= MOST;
  const changes = together ? gatherRows(query, shown) : spreadRows(query, rows, new Set(shown));
  work = { changes, settle: () => settle(together) };
  workOn();
}

/** Searches when the browser has drawn the letter that was typed.
    @param {() => void} search */
export function scheduleSearch(search) {
  waiting = search;
  isTyped = true;
  workOn();
}

/** Works between frames. Lays out changes at once: together with the drawing, or with the next key, that
    would be a long task. */
function workOn() {
  if (isDue) return;
  isDue = true;
  whenDrawn(() => {
    isDue = false;
    if (isTyped) return workOn();
    if (waiting) begin();
    else if (work) proceed(STEPS, performance.now() + SLICE);
    group.getBoundingClientRect();
    if (waiting || work) workOn();
  });
}

function begin() {
  const search = waiting;
  waiting = null;
  search?.();
}

/** Changes at once what is left. */
export function finishNow() {
  begin();
  if (work) proceed();
  flushLayout();
}

/** @param {number} [most] @param {number} [end] when the time is up */
function proceed(most = Infinity, end = Infinity) {
  const focused = /** @type {HTMLElement} */ (document.activeElement);
  const mine = work;
  for (let steps = 0; work && steps < most && performance.now() < end;) {
    const { done, value } = work.changes.next();
    if (done) work = null;
    else steps += value;
  }
  if (focused !== document.activeElement) focused.focus({ preventScroll: true });
  mine?.settle();
}

/** A page that is not seen may not be drawn for long.
    @param {() => void} then */
function whenDrawn(then) {
  let isDone = false;
  const once = () => {
    isTyped = false;
    if (!isDone) setTimeout(then);
    isDone = true;
  };
  requestAnimationFrame(once);
  setTimeout(once, LONGEST_WAIT);
}

/** Puts rows together. All others are out of sight with their groups.
    @param {string} query @param {SearchedRow[]} rows */
function* gatherRows(query, rows) {
  const words = readQuery(query);
  const found = ranked(words, rows);
  const wanted = new Set(found);
  /** @type {Element | null} */
  let there = group.firstElementChild;
  for (const row of [...found, ...options(group).filter((one) => !wanted.has(one))]) {
    const isWanted = wanted.has(row);
    // Rows of the last search may stand between them.
    while (there && !wanted.has(/** @type {HTMLButtonElement} */ (there))) there = there.nextElementSibling;
    let steps = highlightFor(row, isWanted ? query : '', words) + setShown(row, isWanted);
    if (row === there) there = there.nextElementSibling;
    else if (isWanted) {
      group.insertBefore(row, there);
      steps += STEPS_OF_A_MOVE;
    }
    if (steps) yield steps;
  }
}

/** Shows rows in their groups, from the top.
    @param {string} query @param {SearchedRow[]} rows @param {Set<SearchedRow>} shown */
function* spreadRows(query, rows, shown) {
  const words = readQuery(query);
  const why = isEnough(query.trim()) ? query : '';
  for (const one of rows) {
    const row = one.element;
    let steps = highlightFor(row, shown.has(one) ? why : '', words) + setShown(row, shown.has(one));
    if (row.parentNode === group && putBack(row)) steps += STEPS_OF_A_MOVE;
    if (steps) yield steps;
  }
}

/** Shows or hides a row; returns how many steps that took.
    @param {HTMLElement} row @param {boolean} on */
function setShown(row, on) {
  if (row.hidden !== on) return 0;
  row.hidden = !on;
  return 1;
}

/** Says in a row why it was found; returns how many steps that took.
    @param {HTMLButtonElement} row @param {string} query @param {ReturnType<typeof readQuery>} words */
function highlightFor(row, query, words) {
  const keys = keysFor(query);
  const why = query && `${query}\n${keys}`;
  if ((highlighted.get(row) ?? '') === why) return 0;
  highlighted.set(row, why);
  highlight(row, why ? words : null, keys);
  return 1;
}

/** Sorts rows by where the match is: in the main customer, in another customer, elsewhere.
    @param {ReturnType<typeof readQuery>} words @param {SearchedRow[]} rows */
function ranked({ matches }, rows) {
  const keyed = rows.map(({ element, text, phones }) => {
    const [people, numbers] = [text.split('\n').slice(0, -1), phones.split('\n')];
    const isMain = matches({ text: people[0] ?? '\n', phones: numbers[0] ?? '' }) && people.length > 0;
    return { element, rank: isMain ? 0 : matches({ text: people.join('\n'), phones }) ? 1 : 2 };
  });
  keyed.sort((one, other) => one.rank - other.rank || compare(one.element, other.element));
  return keyed.map(({ element }) => element);
}

/** Puts a row back into its group, where it belongs by the order of the list.
    @param {HTMLButtonElement} row */
function putBack(row) {
  const home = document.getElementById(row.dataset.into);
  const others = home ? options(home) : [];
  let [start, end] = [0, others.length];
  while (start < end) {
    const middle = (start + end) >> 1;
    const other = others[middle];
    if (other && compare(other, row) < 0) start = middle + 1;
    else end = middle;
  }
  const next = others[start];
  if (next) next.before(row);
  else home?.append(row);
  return home;
}

/** @param {Element} parent */
const options = (parent) => [...parent.querySelectorAll('[role=option]')];

// Keys go through the rows as they are shown.
document.addEventListener('keydown', ({ key }) => {
  if (/^(Enter|Arrow|Home|End|Tab)/.test(key)) finishNow();
}, { capture: true });
