/* The records that were found stand together, matches of the main customer first, and say why they match.
   Loaded at once, beside the list. */
import { isEnough, readQuery } from '../../core/text-match.js';
import { sort } from '../order.js';
import './keys.js';
import { explain } from './why.js';

/** Milliseconds of one task, so that typing is never held up. */
const SLICE = 8;
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
  return (row) => matches(row) || keys.some((key) => customersOf(row.element).includes(key));
}

/** @param {string} query */
const keysFor = (query) => (query.trim() === inCrm.query ? inCrm.keys : []);

/** @param {HTMLElement} option */
const customersOf = (option) => option.dataset.people.split('\n').map((person) => person.split('\t')[0] ?? '');

/** Puts the rows that were found together; with nothing to search for, back to where they belong.
    @param {string} query @param {SearchedRow[]} rows */
export function present(query, rows) {
  clearTimeout(timer);
  if (isEnough(query.trim())) gather(query, rows);
  else if (group.childElementCount) putBack();
  const before = explained;
  explained = new Set(isEnough(query.trim()) ? rows.map(({ element }) => element) : []);
  explainSome(query, [...explained, ...[...before].filter((row) => !explained.has(row))]);
}

/** @param {string} query @param {SearchedRow[]} rows */
function gather(query, rows) {
  const { matches } = readQuery(query);
  for (const { element, text, phones } of rows) {
    const [people, numbers] = [text.split('\n').slice(0, -1), phones.split('\n')];
    const isMain = matches({ text: people[0] ?? '\n', phones: numbers[0] ?? '' }) && people.length > 0;
    const rank = isMain ? '0' : matches({ text: people.join('\n'), phones }) ? '1' : '2';
    if (element.dataset.rank !== rank) element.dataset.rank = rank;
  }
  const outside = rows.map(({ element }) => element).filter((row) => row.parentNode !== group);
  for (const rank of ['0', '1', '2']) group.append(...outside.filter((row) => row.dataset.rank === rank));
  sort();
}

function putBack() {
  for (const row of /** @type {HTMLElement[]} */ ([...group.children])) {
    document.getElementById(row.dataset.into)?.append(row);
    delete row.dataset.rank;
  }
  sort();
}

/** @param {string} text @param {HTMLButtonElement[]} rows */
function explainSome(text, rows, from = 0) {
  const [query, keys] = [readQuery(text), keysFor(text)];
  const end = performance.now() + SLICE;
  let at = from;
  for (; at < rows.length && performance.now() < end; at += 1) {
    const row = rows[at];
    if (row) explain(row, explained.has(row) ? query : null, keys);
  }
  if (at < rows.length) timer = setTimeout(() => explainSome(text, rows, at));
}
