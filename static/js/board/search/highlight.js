/* Marks in a row of the list why it was found: a customer's name or number, or words of the note. */
import { copyOf } from '../../core/fragments.js';
import { fold } from '../../core/text-match.js';

/** Characters of a note that stand before the first word that was found. */
const BEFORE = 24;
/** Digits at the end of a number that tell in which of a customer's phones it stands. */
const TAIL = 7;
/** What stood in parts of rows before.
    @type {WeakMap<Element, Node[]>} */
const originals = new WeakMap();
/** Characters as they are compared.
    @type {Map<string, string>} */
const folded = new Map();

/** @typedef {ReturnType<typeof import('../../core/text-match.js').readQuery>} Query */
/** @typedef {{ key: string, name: string, details: string[], text: string, numbers: string[] }} Person */

/** Marks in a row what was found; without a query the row becomes what it was.
    @param {HTMLButtonElement} row @param {Query | null} query
    @param {string[]} keys customers whom CRM has found by other rules than ours */
export function highlight(row, query, keys) {
  const [name, second] = [row.querySelector('.name'), row.querySelector('.sub')];
  if (!name || !second) return;
  for (const part of [name, second]) {
    part.replaceChildren(...originals.get(part) ?? part.childNodes);
    originals.delete(part);
  }
  if (!query) return;
  const { people, note } = read(row, second.title);
  const { reasons, left } = reasonsFor(query, people, keys);
  /** @type {Node[][]} */
  const line = [];
  for (const { person, terms, phone } of reasons) {
    if (person !== people[0]) line.push(wrapped('match-name', mark(person.name, terms)));
    else if (hasMark(mark(name.textContent ?? '', terms))) put(name, mark(name.textContent ?? '', terms));
    const details = person.details.map((detail) => mark(detail, terms)).filter(hasMark).slice(0, 1);
    if (phone) line.push(wrapped('match-phone', markNumber(phone, query.digits)));
    else line.push(...details.map((detail) => wrapped('match-detail', detail)));
  }
  const number = mark(`#${row.value}`, left);
  const inNote = excerpt(note, left);
  if (inNote.length) line.push(inNote);
  else if (left.length && hasMark(number)) line.push(number);
  else if (!originals.has(name) && hasMark(mark(name.textContent ?? '', left))) put(name, mark(name.textContent ?? '', left));
  if (line.length && note && !inNote.length) line.push([new Text(note)]);
  if (line.length) put(second, line.flatMap((part, at) => (at ? [new Text(' · '), ...part] : part)));
}

/** Returns what a row says of its customers, the main one first, and its note.
    @param {HTMLButtonElement} row @param {string} title the second line, which is the note if it has one */
function read({ dataset, value }, title) {
  const texts = dataset.search.split('\n');
  const numbers = dataset.phones.split('\n');
  const lines = dataset.people ? dataset.people.split('\n') : [];
  const people = lines.map((line, at) => {
    const [key = '', name = '', ...details] = line.split('\t');
    return { key, name, details, text: texts[at] ?? '', numbers: (numbers[at] ?? '').split(' ') };
  });
  return { people, note: texts.at(-1) === `#${value}` ? '' : title };
}

/** Returns which customers have what was searched, and the words that none of them has.
    @param {Query} query @param {Person[]} people @param {string[]} keys
    @returns {{ reasons: { person: Person, terms: string[], phone?: string }[], left: string[] }} */
function reasonsFor({ words, emails, isNumber }, people, keys) {
  for (const person of people) {
    const found = person.numbers.find(isNumber);
    const phone = found && person.details.find((one) => digitsOf(one).digits.includes(found.slice(-TAIL)));
    if (phone) return { reasons: [{ person, terms: [], phone }], left: [] };
  }
  const reasons = [];
  let left = [...words, ...emails];
  for (;;) {
    const held = people.map((person) => ({ person, terms: left.filter((term) => person.text.includes(term)) }));
    const [best] = held.sort((one, other) => other.terms.length - one.terms.length);
    if (!best?.terms.length) break;
    reasons.push(best);
    left = left.filter((term) => !best.terms.includes(term));
  }
  const others = reasons.length ? [] : people.filter(({ key }) => keys.includes(key));
  return { reasons: [...reasons, ...others.map((person) => ({ person, terms: [] }))], left };
}

/** Returns the note from a little before what was found in it, or nothing.
    @param {string} note @param {string[]} terms @returns {Node[]} */
function excerpt(note, terms) {
  const [first] = rangesOf(note, terms);
  if (!first) return [];
  const start = first[0] > BEFORE ? note.lastIndexOf(' ', first[0] - BEFORE / 2) + 1 : 0;
  return [...start ? [new Text('…')] : [], ...mark(note.slice(start), terms)];
}

/** Splits a text so that the first place of each term is marked.
    @param {string} text @param {string[]} terms */
const mark = (text, terms) => split(text, rangesOf(text, terms));

/** Marks digits in a phone number, however it is written; the whole number if it only means the same.
    @param {string} phone @param {string[]} wanted */
function markNumber(phone, wanted) {
  const { digits, places } = digitsOf(phone);
  const found = wanted.find((one) => one && digits.includes(one)) ?? digits;
  const start = digits.indexOf(found);
  return split(phone, [[places[start] ?? 0, (places[start + found.length - 1] ?? phone.length - 1) + 1]]);
}

/** @param {string} text */
function digitsOf(text) {
  const places = [...text.matchAll(/\d/g)].map(({ index }) => index);
  return { digits: places.map((place) => text[place]).join(''), places };
}

/** Returns where terms stand in a text, in the order of the text and without overlaps.
    @param {string} text @param {string[]} terms @returns {[number, number][]} */
function rangesOf(text, terms) {
  let said = '';
  /** Where each character of `said` begins in the text.
      @type {number[]} */
  const places = [];
  let at = 0;
  for (const char of terms.length ? text : '') {
    const letters = foldCharacter(char);
    if (letters !== ' ' || (said && !said.endsWith(' '))) {
      said += letters;
      places.push(...Array.from(letters, () => at));
    }
    at += char.length;
  }
  const found = terms.map((term) => [said.indexOf(term), term.length]).filter(([start = -1]) => start >= 0)
    .map(([start = 0, length = 0]) => /** @type {[number, number]} */ ([places[start] ?? 0, places[start + length] ?? text.length]))
    .sort(([one], [other]) => one - other);
  return found.filter(([start], place) => !place || start >= (found[place - 1]?.[1] ?? 0));
}

/** @param {string} char */
function foldCharacter(char) {
  const known = folded.get(char) ?? fold(`a${char}a`).slice(1, -1);
  folded.set(char, known);
  return known;
}

/** @param {string} text @param {[number, number][]} ranges @returns {Node[]} */
function split(text, ranges) {
  const parts = [];
  let at = 0;
  for (const [start, end] of ranges) {
    parts.push(new Text(text.slice(at, start)), ...wrapped('marked', [new Text(text.slice(start, end))]));
    at = end;
  }
  return [...parts, new Text(text.slice(at))];
}

/** @param {Node[]} parts */
const hasMark = (parts) => parts.some((part) => part instanceof Element);

/** Puts nodes into a copy of what a <template> holds.
    @param {'marked' | 'match-name' | 'match-phone' | 'match-detail'} id @param {Node[]} content */
function wrapped(id, content) {
  const [whole] = copyOf(document.getElementById(id));
  whole?.append(...content);
  return whole ? [whole] : content;
}

/** @param {Element} part @param {Node[]} content */
function put(part, content) {
  originals.set(part, [...part.childNodes]);
  part.replaceChildren(...content);
}
