/* The list of records: search, filters and arrow keys over what the server has rendered. It works,
   and the frame grows with it, while the rest of a long list is still on its way, long before the
   editor can. */
import { followHeight, inPortal, nameFrame } from '../core/portal-frame.js';
import { matcher } from '../core/text-match.js';

let held = null;
document.addEventListener('submit', hold);
window.addEventListener('load', release);

const records = await arrived('records');
const search = document.getElementById('search');
const chips = [...document.querySelectorAll('.chip')];
const noMatch = document.getElementById('no-match');
const said = document.getElementById('said');
let rows = null;
let flag = '';
let chosen = null;
let open = (option) => { chosen = option; select(option); };

/** From now on `opener` gets the option that is chosen, and first the one that was chosen before;
    forms that were sent before are sent now. */
export function openWith(opener) {
  open = opener;
  if (chosen) open(chosen);
  release();
}

function start() {
  readRows();
  new MutationObserver(readRows).observe(records, { childList: true, subtree: true });
  records.addEventListener('click', (event) => {
    const option = event.target.closest('[role=option]');
    if (!option) return;
    event.preventDefault();
    open(option);
  });
  records.addEventListener('focusin', (event) => rove(event.target));
  records.addEventListener('keydown', (event) => moveBy(event, visible().indexOf(event.target)));
  search.addEventListener('input', filter);
  search.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'Enter' && visible().length) open(visible()[0]);
    else if (event.key === 'ArrowDown') moveBy(event, -1);
    else if (event.key === 'Escape' && search.value) clearSearch(event);
  });
  for (const chip of chips) chip.addEventListener('click', () => press(chip));
  if (search.value) filter();
}

/** Resolves to an element of the page as soon as the browser has read that far. */
function arrived(id) {
  return new Promise((resolve) => {
    const found = () => document.getElementById(id);
    const look = new MutationObserver(() => {
      if (!found()) return;
      look.disconnect();
      resolve(found());
    });
    look.observe(document, { childList: true, subtree: true });
    if (found()) resolve(found());
  });
}

// Sent now, a form would bring a new page, and the list would be read from its beginning.
function hold(event) {
  event.preventDefault();
  held = event;
}

function release() {
  document.removeEventListener('submit', hold);
  held?.target.requestSubmit(held.submitter);
  held = null;
}

export const listIsShown = () => records.checkVisibility();

export const selected = () => records.querySelector('[aria-selected=true]');

export function select(option) {
  selected()?.setAttribute('aria-selected', 'false');
  option?.setAttribute('aria-selected', 'true');
  if (option) rove(option);
}

/** Gives the focus back to the list; false where the list is not on the screen. */
export function focusList() {
  const option = selected() ?? visible()[0];
  if (!option || !listIsShown()) return false;
  option.focus();
  return true;
}

function readRows() {
  rows = [...records.querySelectorAll('[role=option]')].map((element) => ({
    element,
    text: element.dataset.search,
    phones: element.dataset.phones,
    flags: element.dataset.flags.split(' '),
    shown: !element.hidden,
  }));
  rove(selected() ?? visible()[0]);
  for (const chip of chips) chip.querySelector('.count').textContent = rows.filter(has(chip.dataset.filter)).length;
  if (search.value || flag) filter();
}

const has = (wanted) => (row) => !wanted || row.flags.includes(wanted);

const visible = () => rows.filter((row) => row.shown).map((row) => row.element);

function rove(option) {
  for (const row of rows) {
    const index = row.element === option ? 0 : -1;
    if (row.element.tabIndex !== index) row.element.tabIndex = index;
  }
}

function moveBy(event, from) {
  const options = visible();
  const to = {
    ArrowDown: Math.min(from + 1, options.length - 1),
    ArrowUp: from - 1,
    Home: 0,
    End: options.length - 1,
  }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  (options[to] ?? search).focus();
}

function filter() {
  const matches = matcher(search.value);
  const inFilter = has(flag);
  let count = 0;
  for (const row of rows) {
    const shown = inFilter(row) && matches(row);
    if (row.shown !== shown) row.element.hidden = !shown;
    row.shown = shown;
    count += shown;
  }
  for (const group of records.children) {
    group.hidden = !group.querySelector('[role=option]:not([hidden])');
  }
  noMatch.hidden = count > 0 || !rows.length;
  said.textContent = said.dataset.matches.replace('{count}', count);
  const reachable = selected();
  rove(reachable && !reachable.hidden ? reachable : visible()[0]);
}

function press(chip) {
  flag = chip.dataset.filter;
  for (const one of chips) one.setAttribute('aria-pressed', String(one === chip));
  filter();
}

function clearSearch(event) {
  event.preventDefault();
  search.value = '';
  filter();
}

start();
if (inPortal()) {
  followHeight(document.getElementById('app'));
  nameFrame(document.body.dataset.title).catch(() => {});
}
