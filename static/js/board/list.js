/* The list of records: search and filters, also while a long list is still arriving. */
import { joinPortal } from '../portal/join.js';

const records = await arrived('records');
/** The form around all options. */
const list = /** @type {HTMLElement} */ (records.parentElement);
const search = document.getElementById('search');
const chips = () => [...document.querySelectorAll('.chip')];
const noMatch = document.getElementById('no-match');
const said = document.getElementById('said');
let rows = readRows();
/** What a chip filters for, '' for all. */
let flag = '';
/** Searches for what was typed as it stands; found.js knows more.
    @type {Pick<typeof import('./search/found.js'), 'matcher' | 'present'>} */
let finder = {
  matcher: (query) => ({ text, phones }) => [text, phones].some((one) => one.includes(query.trim().toLowerCase())),
  present: () => {},
};
/** What was chosen before the editor was ready.
    @type {HTMLElement | null} */
let chosen = null;
/** @param {HTMLElement} option */
let open = (option) => { chosen = option; select(option); };

/** To be called when the editor is ready: from now on `opener` gets the options that are chosen.
    @param {(option: HTMLElement) => void} opener */
export function openWith(opener) {
  open = opener;
  if (chosen) open(chosen);
}

/** Resolves to an element as soon as the browser has read that far.
    @param {keyof PageElements} id @returns {Promise<HTMLElement>} */
function arrived(id) {
  return new Promise((resolve) => {
    const look = new MutationObserver(check);
    look.observe(document, { childList: true, subtree: true });
    check();
    function check() {
      const found = document.getElementById(id);
      if (!found) return;
      look.disconnect();
      resolve(found);
    }
  });
}

export const listIsShown = () => records.checkVisibility();

export const selected = () => list.querySelector('[aria-selected=true]');

/** @param {HTMLElement | null} option */
export function select(option) {
  selected()?.setAttribute('aria-selected', 'false');
  option?.setAttribute('aria-selected', 'true');
  if (option) makeReachable(option);
}

/** Focuses the list; returns false where the list is not on the screen. */
export function focusList() {
  const option = selected() ?? first();
  if (!option || !listIsShown()) return false;
  option.focus();
  return true;
}

function readRows() {
  return [...records.querySelectorAll('[role=option]')].map((element) => ({
    element,
    text: element.dataset.search,
    phones: element.dataset.phones,
    flags: `${element.dataset.into} ${element.dataset.flags}`.split(' '),
  }));
}

/** Reads rows anew that came, went or moved.
    @param {MutationRecord[]} changes */
function follow(changes) {
  const changed = changes.some(({ target, attributeName }) => attributeName || target === records || target.parentNode === records);
  if (changed) rows = readRows();
  return changed;
}

/** @param {{ flags: string[] }} row @param {string} wanted */
const hasFlag = (row, wanted) => !wanted || row.flags.includes(wanted);

/** The first option that is shown. */
const first = () => list.querySelector('[role=option]:not([hidden])');

/** Tab reaches one option of the list only.
    @param {HTMLElement | null} option */
function makeReachable(option) {
  for (const { element } of rows) {
    const index = element === option ? 0 : -1;
    if (element.tabIndex !== index) element.tabIndex = index;
  }
}

/** Shows what is searched, and counts it in chips and headings. */
function show() {
  const found = rows.filter(finder.matcher(search.value));
  for (const chip of chips()) {
    const count = found.filter((row) => hasFlag(row, chip.dataset.filter)).length;
    chip.querySelector('.count')?.replaceChildren(String(count));
  }
  const shown = new Set(found.filter((row) => hasFlag(row, flag)));
  for (const row of rows) {
    if (row.element.hidden === shown.has(row)) row.element.hidden = !shown.has(row);
  }
  finder.present(search.value, [...shown], settle);
  settle();
  noMatch.hidden = shown.size > 0 || !rows.length;
  const current = selected();
  makeReachable(current && !current.hidden ? current : first());
  return shown.size;
}

/** Counts in headings; rows that were moved by the search are no news. */
function settle() {
  for (const group of records.querySelectorAll('.group')) {
    group.dataset.count = String(group.querySelectorAll('[role=option]:not([hidden])').length);
  }
  observer.takeRecords();
}

/** To be called when something else is searched. */
export function filter() {
  follow(observer.takeRecords());
  said.textContent = said.dataset.matches.replace('{count}', String(show()));
}

const observer = new MutationObserver((changes) => follow(changes) && show());
observer.observe(records, { childList: true, subtree: true, attributeFilter: ['data-flags'] });
show();
for (const module of [import('./sight.js'), import('./order.js')]) module.catch(() => {});

list.addEventListener('click', (event) => {
  const option = event.target.closest('[role=option]');
  if (!option) return;
  event.preventDefault();
  open(option);
});
records.addEventListener('focusin', (event) => makeReachable(event.target));

search.addEventListener('input', filter);
search.addEventListener('keydown', (event) => {
  const option = first();
  // Enter alone never begins a new customer.
  if (event.key === 'Enter' && option && !option.dataset.typed) open(option);
});

document.addEventListener('click', ({ target }) => {
  const wanted = target.closest('[data-filter]')?.dataset.filter;
  if (wanted === undefined) return;
  flag = wanted === flag ? '' : wanted;
  for (const chip of chips()) chip.ariaPressed = String(chip.dataset.filter === flag);
  filter();
});

joinPortal();
import('./search/found.js').then((it) => {
  finder = it;
  if (search.value) filter();
}, () => {});
