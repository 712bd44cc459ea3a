/* The list of records: search and filters, also while it is still arriving. */
import { joinPortal } from '../portal/join.js';

const records = await arrived('records');
const list = /** @type {HTMLElement} */ (records.parentElement);
const search = document.getElementById('search');
const chips = () => [...document.querySelectorAll('.chip')];
const said = document.getElementById('said');
let rows = readRows();
/** What a chip filters for, '' for all. */
let flag = '';
/** Rows that match. */
let shown = rows;
/** Searches for the text as it was typed, until search/results.js is there, which knows more.
    @type {Pick<typeof import('./search/results.js'), 'scheduleSearch' | 'matcher' | 'showRows'>} */
let finder = {
  scheduleSearch: (search) => search(),
  matcher: (query) => ({ text, phones }) => [text, phones].some((one) => one.includes(query.trim().toLowerCase())),
  showRows: (_query, all, wanted, settle) => {
    for (const row of all) row.element.hidden = !wanted.includes(row);
    settle(false);
  },
};
/** Until the editor is ready, `hold_forms` keeps what is chosen.
    @type {(option: HTMLElement) => void} */
let open = select;

/** To be called when the editor is ready.
    @param {typeof open} opener gets the options that are chosen */
export const openWith = (opener) => { open = opener; };

/** Resolves to an element as soon as the browser has read that far.
    @param {keyof PageElements} id @returns {Promise<HTMLElement>} */
function arrived(id) {
  return new Promise((resolve) => {
    const observer = new MutationObserver(check);
    observer.observe(document, { childList: true, subtree: true });
    check();
    function check() {
      const found = document.getElementById(id);
      if (!found) return;
      observer.disconnect();
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
  return [...records.querySelectorAll('[role=option]')].map((element) => {
    const { search: text, phones, into, flags } = element.dataset;
    return { element, text, phones, flags: ` ${into} ${flags}`.split(' ') };
  });
}

/** Reads rows anew that came or went.
    @param {MutationRecord[]} changes */
function follow(changes) {
  const changed = changes.some(({ target, attributeName }) => attributeName || target === records || target.parentNode === records);
  if (changed) rows = readRows();
  return changed;
}

/** @param {SearchedRow[]} some @param {string} wanted */
const having = (some, wanted) => some.filter(({ flags }) => flags.includes(wanted));

/** A group without a match keeps its rows, out of sight. */
export const SHOWN = '.group:not([data-count="0"]) > [role=option]:not([hidden])';

const first = () => list.querySelector(SHOWN);

/** Tab reaches one option of the list only.
    @param {HTMLElement | null} option */
function makeReachable(option) {
  const before = records.querySelector('[tabindex="0"]');
  if (before) before.tabIndex = -1;
  if (option) option.tabIndex = 0;
}

/** Shows what is searched, and counts it in chips and headings. */
function show() {
  const found = rows.filter(finder.matcher(search.value));
  for (const chip of chips()) {
    chip.querySelector('.count')?.replaceChildren(String(having(found, chip.dataset.filter).length));
  }
  shown = having(found, flag);
  finder.showRows(search.value, rows, shown, settle);
  document.getElementById('no-match').hidden = shown.length > 0 || !rows.length;
  return shown.length;
}

/** Counts in headings, and ignores that the search has moved rows.
    @param {boolean} together whether all stand in one group */
function settle(together) {
  for (const group of records.querySelectorAll('.group')) {
    const here = having(shown, together ? '' : group.id).length;
    group.dataset.count = String(together && group.id !== 'group-results' ? 0 : here);
  }
  const current = selected();
  makeReachable(current?.matches(SHOWN) ? current : first());
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
for (const module of [import('./visible-height.js'), import('./order.js')]) module.catch(() => {});

list.addEventListener('click', (event) => {
  const option = event.target.closest('[role=option]');
  if (option) open(option);
});
records.addEventListener('focusin', (event) => makeReachable(event.target));

search.addEventListener('input', () => finder.scheduleSearch(filter));
search.addEventListener('keydown', (event) => {
  const option = first();
  // Enter alone never begins a new customer.
  if (event.key === 'Enter' && option && !option.dataset.typed) option.click();
});

document.addEventListener('click', ({ target }) => {
  const wanted = target.closest('[data-filter]')?.dataset.filter;
  if (wanted === undefined) return;
  flag = wanted === flag ? '' : wanted;
  for (const chip of chips()) chip.ariaPressed = String(chip.dataset.filter === flag);
  filter();
});

joinPortal();
import('./lazy-rows.js').then((it) => it.startLazyRows(SHOWN), () => {});
import('./search/results.js').then((it) => {
  finder = it;
  if (search.value) filter();
}, () => {});
