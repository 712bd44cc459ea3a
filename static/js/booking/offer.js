/* Offers free times for a booking, in the place of the editor. Loaded when *Make booking* is first pressed. */
import { moveFrom } from './grid-keys.js';
import { clearProblem, parse, swap } from '../core/fragments.js';
import { dialogIsOpen } from '../core/keys.js';
import { pauseFor } from '../core/poll.js';
import { actionOf, post, postQuietly } from '../core/request.js';
import { blockEditorAndLeaving, isBusy } from '../record/busy.js';
import { isDirty } from '../record/changes.js';
import { save } from '../record/editor.js';

/** Seconds that others may take to book the same time. */
const MEANWHILE = 1.2;

const NARROW = matchMedia('(max-width: 899px)');

const grids = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll('#record [role=grid]')]);
const book = () => document.getElementById('book');

/** Saves what is unsaved, and shows the free times for the record.
    @param {HTMLFormElement} form */
export async function showOffer(form) {
  if (isDirty() && !await save()) return;
  clearProblem();
  const answer = await blockEditorAndLeaving(() => post(actionOf(form), new FormData(form), { again: () => showOffer(form) }));
  if (answer) swap(answer.parts);
}

/** To be called when there are new times. */
function attach() {
  if (!book()) return;
  for (const grid of grids()) grid.querySelector('button')?.setAttribute('tabindex', '0');
  // A time that was pressed before this script was there has the focus.
  const chosen = document.querySelector('#record .slot:is([aria-pressed=true], :focus)');
  if (chosen) choose(chosen);
  (chosen ?? document.querySelector('#record .day input:checked') ?? document.getElementById('record-title'))?.focus();
}

/** @param {HTMLElement} input */
function showDay(input) {
  const { value } = /** @type {HTMLInputElement} */ (input);
  for (const grid of grids()) grid.hidden = grid.id !== `times-${value}`;
}

/** Fills the form with a time, and offers what else is free then.
    @param {HTMLElement} slot */
function choose(slot) {
  const form = book();
  const grid = slot.closest('[role=grid]');
  if (!form || !grid) return;
  for (const one of document.querySelectorAll('#record .slot[aria-pressed=true]')) one.ariaPressed = 'false';
  slot.ariaPressed = 'true';
  const [resource, from, to] = valuesOf(slot);
  for (const [name, value] of Object.entries({ resource, from, to })) fieldOf(form, name).value = String(value);
  for (const line of document.querySelectorAll('#record [data-messages]')) line.hidden = line.dataset.messages !== String(resource);
  for (const label of document.querySelectorAll('.also label')) {
    const box = /** @type {HTMLInputElement} */ (label.firstElementChild);
    label.hidden = box.value === String(resource) || !isFree(grid, Number(box.value), from, to);
    if (label.hidden) box.checked = false;
  }
  const also = /** @type {HTMLElement | null} */ (document.querySelector('.also'));
  if (also) also.hidden = !also.querySelector('label:not([hidden])');
  form.querySelector('button')?.removeAttribute('disabled');
  showSummary();
  // The words about the time take room.
  slot.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  if (NARROW.matches) import('../record/save-bar.js').then((bar) => bar.lift(NARROW), () => {});
}

/** Shows in words what will be booked. */
function showSummary() {
  const slot = document.querySelector('#record .slot[aria-pressed=true]');
  const form = book();
  if (!slot || !form) return;
  const day = document.querySelector(`#record .day input[value="${slot.closest('[role=grid]')?.id.replace('times-', '')}"]`);
  const others = [...document.querySelectorAll('.also label:has(:checked)')].map((label) => label.textContent.trim());
  const name = slot.ariaLabel?.slice(slot.textContent.length + 1) ?? '';
  /** @type {Record<string, string>} */
  const words = { day: day?.dataset.day ?? '', time: slot.title, name: [name, ...others].join(', ') };
  document.getElementById('summary').textContent = form.dataset.chosenTime.replace(/\{(\w+)\}/g, (_, key) => words[key] ?? '');
}

/** Goes to the day of a time and chooses it.
    @param {string} value */
function goTo(value) {
  const slot = document.querySelector(`#record .slot[value="${value}"]`);
  const day = document.querySelector(`#record .day input[value="${slot?.closest('[role=grid]')?.id.replace('times-', '')}"]`);
  if (!slot || !day) return;
  day.checked = true;
  showDay(day);
  choose(slot);
  slot.focus();
}

/** @param {HTMLFormElement} form @param {string} name */
const fieldOf = (form, name) => /** @type {HTMLInputElement} */ (form.querySelector(`[type=hidden][name=${name}]`));

/** @param {Element} slot @returns {[number, number, number]} */
const valuesOf = (slot) => /** @type {[number, number, number]} */ (/** @type {HTMLButtonElement} */ (slot).value.split(' ').map(Number));

/** Whether free times of a resource cover this time, one after the other.
    @param {Element} grid @param {number} resource @param {number} from @param {number} to */
function isFree(grid, resource, from, to) {
  let covered = from;
  const free = [...grid.querySelectorAll('button.slot')].map(valuesOf).filter(([one]) => one === resource);
  for (const [, start, end] of free.sort((one, other) => one[1] - other[1])) {
    if (start <= covered && end > covered) covered = end;
  }
  return covered >= to;
}

/** Looks once more at a booking that was just made: others may have booked the same time meanwhile. */
async function lookAgain() {
  const made = document.getElementById('record');
  const url = made.dataset.recheck;
  if (!url) return;
  await pauseFor(MEANWHILE);
  if (!made.isConnected || isBusy()) return;
  const answer = await postQuietly(url, {}).catch(() => null);
  const parts = answer?.ok ? parse(await answer.text()) : [];
  const warned = parts.some((part) => part.querySelector('.alert'));
  if (warned && made.isConnected && !made.querySelector('.alert') && !isBusy()) swap(parts);
}

document.addEventListener('recordshown', attach);
document.addEventListener('recordshown', lookAgain);

document.addEventListener('change', ({ target }) => {
  if (target.matches('.day input')) showDay(target);
  else if (target.matches('.also input')) showSummary();
});

document.addEventListener('click', (event) => {
  const slot = event.target.closest('button.slot');
  if (slot) choose(slot);
  const first = event.target.closest('.first-fit');
  if (first) goTo(/** @type {HTMLButtonElement} */ (first).value);
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

attach();
