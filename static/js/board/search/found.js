/* The records that were found stand together, matches of the main customer first, and say why they match.
   Loaded at once, beside the list. */
import { isEnough, readQuery } from '../../core/text-match.js';
import { sort } from '../order.js';
import './keys.js';
import { explain } from './why.js';

/** Milliseconds of one task, so that typing is never held up. */
const SLICE = 8;
/** So many rows are put together. Moving one costs a browser a look at all buttons of the form. */
const MOST = 200;
const group = document.getElementById('group-found');
/** Rows of customers whom CRM has found, though not by what the page knows of them.
    @type {{ query: string, keys: string[] }} */
let inCrm = { query: '', keys: [] };
/** Rows that say why they match.
    @type {Set<HTMLButtonElement>} */
let explained = new Set();
let timer = 0;

/** To be called before `filter` of the list, when CRM has found customers who wait.
    @param {string} query @param {string[]} keys */
export function alsoFind(query, keys) {
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

/** Puts the rows that were found together; with nothing to search for, back to where they belong. Many
    stay in their groups. `settle` is called after each part of the work.
    @param {string} query @param {SearchedRow[]} rows @param {() => void} settle */
export function present(query, rows, settle) {
  clearTimeout(timer);
  const searched = isEnough(query.trim()) ? rows : [];
  work(steps(query, searched), settle);
}

/** @param {string} query @param {SearchedRow[]} rows */
function* steps(query, rows) {
  if (rows.length && rows.length <= MOST) yield* gather(query, rows);
  else yield* putBack();
  const before = explained;
  explained = new Set(rows.map(({ element }) => element));
  const [words, keys] = [readQuery(query), keysFor(query)];
  for (const row of new Set([...explained, ...before])) {
    explain(row, explained.has(row) ? words : null, keys);
    yield;
  }
}

/** Works until the time is up, and goes on after the browser has had its turn.
    @param {Iterator<unknown>} todo @param {() => void} settle */
function work(todo, settle) {
  const end = performance.now() + SLICE;
  let done = false;
  while (!done && performance.now() < end) done = todo.next().done ?? false;
  settle();
  if (!done) timer = setTimeout(() => work(todo, settle));
}

/** @param {string} query @param {SearchedRow[]} rows */
function* gather(query, rows) {
  const { matches } = readQuery(query);
  for (const { element, text, phones } of rows) {
    const [people, numbers] = [text.split('\n').slice(0, -1), phones.split('\n')];
    const isMain = matches({ text: people[0] ?? '\n', phones: numbers[0] ?? '' }) && people.length > 0;
    const rank = isMain ? '0' : matches({ text: people.join('\n'), phones }) ? '1' : '2';
    if (element.dataset.rank !== rank) element.dataset.rank = rank;
  }
  const outside = rows.map(({ element }) => element).filter((row) => row.parentNode !== group);
  for (const rank of ['0', '1', '2']) {
    for (const row of outside.filter(({ dataset }) => dataset.rank === rank)) {
      group.append(row);
      yield;
    }
  }
  sort();
}

function* putBack() {
  if (!group.childElementCount) return;
  for (const row of /** @type {HTMLElement[]} */ ([...group.children])) {
    yield;
    delete row.dataset.rank;
    document.getElementById(row.dataset.into)?.append(row);
  }
  sort();
}
