/* The customers of the open record: rows move here at once, the server hears of it with Save.
   Contacts stand before companies, and the first row is the main customer, as in the portal. */

const removed = new Map();
const list = () => document.getElementById('customers');
const isCompany = (key) => key.startsWith('COMPANY:');

export const rows = () => [...list().children];
export const rowOf = (key) => rows().find((row) => row.dataset.key === key);
export const forgetRemoved = () => removed.clear();

export function add(row) {
  const { key } = row.dataset;
  const known = removed.get(key) ?? row;
  if (rowOf(key)) return;
  const firstCompany = rows().find((other) => isCompany(other.dataset.key));
  list().insertBefore(known, isCompany(key) ? null : firstCompany ?? null);
  if (baseKeys().includes(key)) known.querySelector('.pill.is-new')?.remove();
  refresh();
}

export function remove(row) {
  removed.set(row.dataset.key, row);
  row.remove();
  refresh();
}

export function makeMain(row) {
  list().prepend(row);
  refresh();
}

/** Moves a row one place up or down; answers whether it could go there. */
export function move(row, down) {
  const other = down ? row.nextElementSibling : row.previousElementSibling;
  if (!other || isCompany(other.dataset.key) !== isCompany(row.dataset.key)) return false;
  list().insertBefore(down ? other : row, down ? row : other);
  refresh();
  return true;
}

/** What differs from the record as loaded: names added and removed, and whether the order does. */
export function changes() {
  const base = baseKeys();
  const now = rows().map((row) => row.dataset.key);
  const wasInOrder = [...base.filter((key) => !isCompany(key)), ...base.filter(isCompany)];
  const kept = (keys, others) => keys.filter((key) => others.includes(key)).join();
  return {
    added: rows().filter((row) => !base.includes(row.dataset.key)).map((row) => row.dataset.name),
    removed: baseFields().filter((field) => !now.includes(field.value)).map((field) => field.dataset.name),
    reordered: kept(wasInOrder, now) !== kept(now, base),
  };
}

const baseFields = () => [...document.querySelectorAll('#editor input[name=base]')];
const baseKeys = () => baseFields().map((field) => field.value);

function refresh() {
  const all = rows();
  const onlyCompanies = all.every((row) => isCompany(row.dataset.key));
  for (const row of all) {
    const main = row === all[0];
    const pill = row.querySelector('.pill.is-main');
    if (main && !pill) row.querySelector('.pills').prepend(document.getElementById('main-pill').content.cloneNode(true));
    if (!main) pill?.remove();
    row.querySelector('.make-main').hidden = main || (isCompany(row.dataset.key) && !onlyCompanies);
  }
}
