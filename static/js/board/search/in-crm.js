/* Searches CRM for the text in the search of the list. Customers who do not wait yet can be put on the list,
   and so can a new one. Loaded when the page is ready. */
import { countDown } from '../../core/fragments.js';
import { load } from '../../core/load.js';
import { pointerReleased } from '../../core/pointer.js';
import { onRetry, postForParts } from '../../core/request.js';
import { isEnough } from '../../core/text-match.js';
import { addCrmMatches, finishNow } from './results.js';
import { filter, SHOWN } from '../list.js';

const DEBOUNCE = 250;
/** Milliseconds after which rows have come to rest. */
const CALM = 50;
const search = document.getElementById('search');
const records = document.getElementById('records');
const place = document.getElementById('in-crm');
const said = document.getElementById('said');
let request = new AbortController();
let timer = 0;
let later = 0;
/** The last query. */
let query = '';
/** Enter was pressed before there was an answer. */
let entered = false;
/** The text for a new customer: their record is about to open. */
let wanted = '';

function onInput() {
  const typed = search.value.trim();
  if (typed === query) return;
  query = typed;
  entered = false;
  clearTimeout(timer);
  request.abort();
  place.replaceChildren();
  place.hidden = !isEnough(query);
  place.parentElement?.classList.toggle('is-searched', !place.hidden);
  place.toggleAttribute('data-busy', !place.hidden);
  if (!place.hidden) timer = setTimeout(ask, DEBOUNCE);
}

async function ask() {
  request = new AbortController();
  const { signal } = request;
  place.toggleAttribute('data-busy', true);
  const parts = await postForParts(place.dataset.url, { q: query }, signal);
  await pointerReleased();
  if (signal.aborted) return;
  const found = parts.find((part) => part.id === 'in-crm');
  // A failure is shown here, not at its own place on the page.
  if (!found) for (const part of parts) part.removeAttribute('id');
  onRetry(parts, ask);
  place.replaceChildren(...found?.childNodes ?? parts);
  place.removeAttribute('data-busy');
  countDown();
  const hits = options();
  addCrmMatches(query, hits.flatMap(({ dataset }) => dataset.key ?? []));
  filter();
  hideListed();
  const count = hits.filter((hit) => !hit.hidden && hit.dataset.key).length;
  if (found) said.append(` ${place.dataset.said?.replace('{count}', String(count))}`);
  if (entered && document.activeElement === search) takeFirst();
  entered = false;
}

const options = () => [...place.querySelectorAll('[role=option]')];

/** Hides customers who are on a record of the list. */
function hideListed() {
  if (!place.childElementCount) return;
  const keys = new Set();
  for (const row of records.querySelectorAll('[role=option]')) {
    for (const person of row.dataset.people.split('\n')) keys.add(person.split('\t')[0]);
  }
  for (const hit of options()) hit.hidden = keys.has(hit.dataset.key);
  const [first] = options().filter((hit) => !hit.hidden);
  if (first) first.tabIndex = 0;
}

/** Takes the first hit. With none, the focus goes to the new customer: Enter alone never begins one. */
function takeFirst() {
  finishNow();
  const first = place.parentElement?.querySelector(SHOWN);
  if (first?.dataset.typed) first.focus();
  else first?.click();
}

/** The form for a new customer follows the record that was opened for it, whatever else opens later.
    @param {{ target: HTMLElement }} event */
function remember({ target }) {
  if (!target.closest('dialog')) wanted = target.closest('[data-typed]')?.dataset.typed ?? '';
}

document.addEventListener('click', remember);
document.addEventListener('submit', remember);
document.addEventListener('recordshown', () => {
  const text = document.getElementById('record').dataset.record === 'new' ? wanted : '';
  wanted = '';
  if (text) load(() => import('../../record/start-customer.js'), import.meta.resolve('../../record/start-customer.js'), (it) => it.startCustomer(text));
});

search.addEventListener('input', onInput);
search.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.defaultPrevented) return;
  if (place.hasAttribute('data-busy')) entered = !records.querySelector(SHOWN);
  else if (place.querySelector('[role=option]:not([hidden])')?.dataset.typed) takeFirst();
});
new MutationObserver(() => {
  clearTimeout(later);
  later = setTimeout(hideListed, CALM);
}).observe(records, { childList: true, subtree: true });
onInput();
