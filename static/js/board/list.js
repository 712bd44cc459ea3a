/* The list of records: search, filters and arrow keys. It works while the rest of a long list is
   still arriving, long before the editor does. */
import { joinPortal } from '../portal/join.js';

const records = await arrived('records');
const search = document.getElementById('search');
const chips = () => [...document.querySelectorAll('.chip')];
const noMatch = document.getElementById('no-match');
const said = document.getElementById('said');
let rows = readRows();
/** What a chip filters for, '' for all. */
let flag = '';
/** Searches for what was typed as it stands; what other spellings need comes after the page.
    @type {typeof import('../core/text-match.js').matcher} */
let matcher = (query) => ({ text, phones }) => [text, phones].some((one) => one.includes(query.trim().toLowerCase()));
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

export const selected = () => records.querySelector('[aria-selected=true]');

/** @param {HTMLElement | null} option */
export function select(option) {
  selected()?.setAttribute('aria-selected', 'false');
  option?.setAttribute('aria-selected', 'true');
  if (option) makeReachable(option);
}

/** Focuses the list; returns false where the list is not on the screen. */
export function focusList() {
  const option = selected() ?? visible()[0];
  if (!option || !listIsShown()) return false;
  option.focus();
  return true;
}

function readRows() {
  return [...records.querySelectorAll('[role=option]')].map((element) => ({
    element,
    text: element.dataset.search,
    phones: element.dataset.phones,
    flags: `${element.parentElement?.id} ${element.dataset.flags}`.split(' '),
    shown: !element.hidden,
  }));
}

function refresh() {
  rows = readRows();
  show();
}

/** @param {{ flags: string[] }} row @param {string} wanted */
const hasFlag = (row, wanted) => !wanted || row.flags.includes(wanted);

/** @returns {HTMLElement[]} */
const visible = () => rows.filter((row) => row.shown).map((row) => row.element);

/** Tab reaches one option of the list only.
    @param {HTMLElement} [option] */
function makeReachable(option) {
  for (const { element } of rows) {
    const index = element === option ? 0 : -1;
    if (element.tabIndex !== index) element.tabIndex = index;
  }
}

/** @param {KeyboardEvent} event @param {number} from */
function moveBy(event, from) {
  const options = visible();
  /** @type {Record<string, number>} */
  const places = {
    ArrowDown: Math.min(from + 1, options.length - 1),
    ArrowUp: from - 1,
    Home: 0,
    End: options.length - 1,
  };
  const to = places[event.key];
  if (to === undefined) return;
  event.preventDefault();
  (options[to] ?? search).focus();
}

/** Shows what is searched, and counts it in chips and headings. */
function show() {
  const found = rows.filter(matcher(search.value));
  for (const chip of chips()) {
    const count = found.filter((row) => hasFlag(row, chip.dataset.filter)).length;
    chip.querySelector('.count')?.replaceChildren(String(count));
  }
  const chosen = new Set(found.filter((row) => hasFlag(row, flag)));
  for (const row of rows) {
    const shown = chosen.has(row);
    if (row.shown !== shown) row.element.hidden = !shown;
    row.shown = shown;
  }
  for (const group of records.querySelectorAll('.group')) {
    const count = group.querySelectorAll('[role=option]:not([hidden])').length;
    group.hidden = !count;
    group.dataset.count = String(count);
  }
  const options = visible();
  noMatch.hidden = options.length > 0 || !rows.length;
  const current = selected();
  makeReachable(current && !current.hidden ? current : options[0]);
}

function filter() {
  show();
  said.textContent = said.dataset.matches.replace('{count}', String(visible().length));
}

refresh();
for (const module of [import('./sight.js'), import('./order.js')]) module.catch(() => {});
new MutationObserver(refresh).observe(records, { childList: true, subtree: true });

records.addEventListener('click', (event) => {
  const option = event.target.closest('[role=option]');
  if (!option) return;
  event.preventDefault();
  open(option);
});
records.addEventListener('focusin', (event) => makeReachable(event.target));
records.addEventListener('keydown', (event) => moveBy(event, visible().indexOf(event.target)));

search.addEventListener('input', filter);
search.addEventListener('keydown', (event) => {
  const [first] = visible();
  if (event.key === 'Enter' && first) open(first);
  else if (event.key === 'ArrowDown') moveBy(event, -1);
  else if (event.key === 'Escape' && search.value) {
    event.preventDefault();
    search.value = '';
    filter();
  }
});

document.addEventListener('click', ({ target }) => {
  const wanted = target.closest('[data-filter]')?.dataset.filter;
  if (wanted === undefined) return;
  flag = wanted === flag ? '' : wanted;
  for (const chip of chips()) chip.ariaPressed = String(chip.dataset.filter === flag);
  filter();
});

joinPortal();
import('../core/text-match.js').then((it) => {
  matcher = it.matcher;
  if (search.value) filter();
}, () => {});
