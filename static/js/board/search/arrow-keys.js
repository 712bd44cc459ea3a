/* Escape empties the search. Arrow keys go from it through the records and what was found in CRM, as
   one list. Loaded with results.js. */
import { layOutAllRows } from '../lazy-rows.js';

const search = document.getElementById('search');
const list = /** @type {HTMLElement} */ (document.getElementById('records').parentElement);

/** @param {KeyboardEvent} event */
function move(event) {
  if (event.key === 'End') layOutAllRows();
  const options = [...list.querySelectorAll('[role=option]')].filter((option) => option.checkVisibility());
  const from = options.indexOf(/** @type {HTMLButtonElement} */ (event.target));
  /** @type {Record<string, number>} */
  const places = { ArrowDown: Math.min(from + 1, options.length - 1), ArrowUp: from - 1, Home: 0, End: options.length - 1 };
  const to = places[event.key];
  if (to === undefined) return;
  event.preventDefault();
  (options[to] ?? search).focus();
}

list.addEventListener('keydown', (event) => {
  if (event.target.matches('[role=option]')) move(event);
});
search.addEventListener('keydown', (event) => {
  if (event.key === 'ArrowDown') move(event);
  if (event.key !== 'Escape' || !search.value) return;
  event.preventDefault();
  search.value = '';
  search.dispatchEvent(new Event('input'));
});
