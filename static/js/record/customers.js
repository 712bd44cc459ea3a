/* The rows of the record's customers; the server learns of changes with *Save*. Contacts stand before
   companies and the first row is the main customer, as in the portal. */
import { fromTemplate } from '../core/fragments.js';

/** Removed rows: a customer that is added again gets the old one.
    @type {Map<string, HTMLElement>} */
const removed = new Map();
const list = () => document.getElementById('customers');
/** @param {string} key */
const isCompany = (key) => key.startsWith('COMPANY:');

export const rows = () => /** @type {HTMLElement[]} */ ([...list().children]);
/** @param {string | undefined} key */
const rowOf = (key) => rows().find((row) => row.dataset.key === key);
export const forgetRemoved = () => removed.clear();

/** New customers, who are created when the record is saved. */
export const drafts = () => rows().filter((row) => row.dataset.draft);

/** @param {HTMLElement} row */
export function add(row) {
  const { key } = row.dataset;
  const known = removed.get(key) ?? row;
  if (rowOf(key)) return;
  const firstCompany = rows().find((other) => isCompany(other.dataset.key));
  list().insertBefore(known, isCompany(key) ? null : firstCompany ?? null);
  if (loaded().some(({ value }) => value === key)) known.querySelector('.pill.is-new')?.remove();
  refresh();
}

/** @param {HTMLElement} row */
export function remove(row) {
  removed.set(row.dataset.key, row);
  row.remove();
  refresh();
}

/** @param {HTMLElement} row */
export function makeMain(row) {
  list().prepend(row);
  refresh();
}

/** The customers of the record as loaded, in the order of the rows. */
export function loaded() {
  const fields = [...document.querySelectorAll('#editor input[name=base]')];
  return fields.sort((one, other) => Number(isCompany(one.value)) - Number(isCompany(other.value)));
}

/** Whether these are no longer the customers as loaded. */
export const differ = () => loaded().map(({ value }) => value).join() !== rows().map((row) => row.dataset.key).join();

/** Marks the rows that a refusal is about, so that a number in its words can be found. */
export function markRefused() {
  const refused = document.querySelector('#problem [data-refused]')?.dataset.refused.split(' ') ?? [];
  for (const row of rows()) row.toggleAttribute('data-refused', refused.includes(row.dataset.key));
}

/** Shows which row is the main customer and which may become it. */
export function refresh() {
  const all = rows();
  const onlyCompanies = all.every((row) => isCompany(row.dataset.key));
  for (const row of all) {
    const main = row === all[0];
    const pill = row.querySelector('.pill.is-main');
    if (main && !pill) row.querySelector('.pills')?.prepend(...fromTemplate('main-pill'));
    if (!main) pill?.remove();
    const star = row.querySelector('.make-main');
    if (star) star.hidden = main || (isCompany(row.dataset.key) && !onlyCompanies);
  }
}
