/* Free times to choose from, in the place of the editor. Loaded when *Make booking* is first pressed. */
import { moveFrom } from './grid.js';
import { clearProblem, swap } from '../core/fragments.js';
import { dialogIsOpen } from '../core/keys.js';
import { actionOf, post } from '../core/request.js';
import { finish } from '../record/busy.js';
import { isDirty } from '../record/changes.js';
import { save } from '../record/editor.js';

const grids = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll('#record [role=grid]')]);
const book = () => document.getElementById('book');

/** Saves what is unsaved, and shows the free times for the record.
    @param {HTMLFormElement} form */
export async function openBooking(form) {
  if (isDirty() && !await save()) return;
  clearProblem();
  const answer = await finish(() => post(actionOf(form), {}, { again: () => openBooking(form) }));
  if (answer) swap(answer.parts);
}

/** To be called when there are new times. */
function attach() {
  if (!book()) return;
  for (const grid of grids()) grid.querySelector('button')?.setAttribute('tabindex', '0');
  const chosen = document.querySelector('#record .slot[aria-pressed=true]');
  if (chosen) choose(chosen);
  (chosen ?? document.querySelector('#record .day input:checked') ?? document.getElementById('record-title'))?.focus();
}

/** @param {HTMLElement} input */
function showDay(input) {
  const { value } = /** @type {HTMLInputElement} */ (input);
  for (const grid of grids()) grid.hidden = grid.id !== `times-${value}`;
}

/** Fills the form with a time, and tells what it is.
    @param {HTMLElement} slot */
function choose(slot) {
  const form = book();
  const grid = slot.closest('[role=grid]');
  if (!form || !grid) return;
  for (const one of document.querySelectorAll('#record .slot[aria-pressed=true]')) one.ariaPressed = 'false';
  slot.ariaPressed = 'true';
  const [resource = '', from = '', to = ''] = /** @type {HTMLButtonElement} */ (slot).value.split(' ');
  for (const [name, value] of Object.entries({ resource, from, to })) {
    /** @type {HTMLInputElement} */ (form.elements.namedItem(name)).value = value;
  }
  for (const line of document.querySelectorAll('#record [data-messages]')) line.hidden = line.dataset.messages !== resource;
  const day = document.querySelector(`#record .day input[value="${grid.id.replace('times-', '')}"]`);
  const words = { day: day?.dataset.day, time: slot.title, name: slot.ariaLabel?.slice(slot.textContent.length + 1) };
  document.getElementById('summary').textContent = form.dataset.chosenTime.replace(/\{(\w+)\}/g, (_, key) => words[/** @type {'day'} */ (key)] ?? '');
  form.querySelector('button')?.removeAttribute('disabled');
}

document.addEventListener('recordshown', attach);

document.addEventListener('change', ({ target }) => {
  if (target.matches('.day input')) showDay(target);
});

document.addEventListener('click', (event) => {
  const slot = event.target.closest('button.slot');
  if (slot) choose(slot);
  // The row of the record leads from its times back to the record.
  const row = event.target.closest('[role=option]');
  if (!book() || !row || row.id !== `record-${document.getElementById('record').dataset.record}`) return;
  event.preventDefault();
  event.stopPropagation();
  document.querySelector('.leave-booking button')?.click();
}, { capture: true });

document.addEventListener('keydown', (event) => {
  if (!book() || dialogIsOpen() || !document.getElementById('record').contains(event.target)) return;
  const grid = event.target.closest('[role=grid]');
  if (event.key === 'Escape') document.querySelector('.leave-booking button')?.click();
  else if (!grid || !moveFrom(grid, event.target, event.key)) return;
  event.preventDefault();
  event.stopPropagation();
}, { capture: true });
