/* Times that came free, above the list: which records fit, and the booking of one. Loaded after the
   page is there. The server looks at the bookings when the page was opened and when it has heard of a
   change. */
import { showOffer } from './offer.js';
import { clearProblem, parse, swap } from '../core/fragments.js';
import { visible } from '../core/poll.js';
import { pointerReleased } from '../core/pointer.js';
import { actionOf, post, postQuietly } from '../core/request.js';
import { followPreference, savePreference } from '../portal/preferences.js';
import { blockEditorAndLeaving } from '../record/busy.js';
import { mayLeave } from '../record/editor.js';

/** Dismissed times that are remembered, the last ones. */
const MOST = 50;
/** How long the page waits after an answer that says nothing of how long. */
const PAUSE = 60;

/** How long the portal may take to make room for the times. */
const ROOM = 1_000;
const freed = () => document.getElementById('freed');

/** @type {Promise<void>} */
let last = Promise.resolve();
let opened = true;
let notBefore = 0;
/** How much the clock here is ahead of the server's. */
let ahead = 0;
/** @type {string[]} */
let dismissed = [];

/** Looks if the server's mark is another one than that of what is shown, or `anew`. A call waits for
    the one before, which may have shown the same.
    @param {string | null} [mark] @param {boolean} [anew] */
export function showFreed(mark, anew = false) {
  last = last.catch(() => {}).then(() => showFreedOnce(mark, anew));
  return last;
}

/** @param {string | null | undefined} mark @param {boolean} anew */
async function showFreedOnce(mark, anew) {
  opened ||= anew;
  hide(freed());
  const { url, mark: shown } = freed().dataset;
  if (Date.now() < notBefore) return;
  // Nothing is replaced while it has the focus.
  if (!opened && (!mark || mark === shown || freed().contains(document.activeElement))) return;
  const answer = await postQuietly(url, opened ? { opened: '1' } : {});
  if (!answer.ok) {
    notBefore = Date.now() + 1000 * (Number(answer.headers.get('Retry-After')) || PAUSE);
    return;
  }
  ahead = Date.now() - Date.parse(answer.headers.get('Date') ?? '');
  const parts = parse(await answer.text());
  await pointerReleased();
  opened = false;
  parts.forEach(hide);
  swap(parts);
}

/** Hides the times that this user has dismissed, and those that have begun.
    @param {HTMLElement} part */
function hide(part) {
  for (const form of part.querySelectorAll('form')) {
    form.hidden = dismissed.includes(form.dataset.key) || Number(form.dataset.start) * 1000 <= Date.now() - ahead;
    form.classList.toggle('is-offered', !form.hidden);
  }
}

/** @param {HTMLFormElement} form */
async function showFits(form) {
  if (!await mayLeave()) return;
  clearProblem();
  const answer = await blockEditorAndLeaving(() => post(actionOf(form), {}, { again: () => showFits(form) }));
  if (!answer) return;
  swap(answer.parts);
  // The way back of a phone leads to the list.
  if (!document.getElementById('records').checkVisibility() && !history.state) history.pushState('record', '');
  document.getElementById('record-title')?.focus();
}

/** @param {HTMLFormElement} form */
async function choose(form) {
  await showOffer(form);
  const slot = document.querySelector('#record .slot[aria-pressed=true]');
  // On a phone, the portal makes the frame higher only now, and a bar covers the end of the times.
  const signal = AbortSignal.timeout(ROOM);
  window.addEventListener('resize', () => slot?.scrollIntoView({ block: 'center' }), { signal });
}

/** @param {HTMLElement} form */
function dismiss(form) {
  dismissed = [...dismissed, form.dataset.key].slice(-MOST);
  savePreference('dismissed', dismissed.join(' ')).catch(() => {});
  const next = /** @type {HTMLElement | null} */ (form.nextElementSibling ?? form.previousElementSibling);
  hide(freed());
  (next?.querySelector('button') ?? document.getElementById('search')).focus();
}

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!form.matches('#freed form, .fits form')) return;
  event.preventDefault();
  event.stopPropagation();
  if (freed().contains(form)) showFits(form);
  else choose(form);
}, { capture: true });

document.addEventListener('click', ({ target }) => {
  if (target.matches('[data-dismiss]')) dismiss(target.closest('form') ?? target);
});

document.addEventListener('recordshown', () => {
  if (!document.querySelector('#record .booked')) return;
  // The time that was just booked is not free.
  showFreed(null, true).catch(() => {});
});

followPreference('dismissed', (kept) => {
  dismissed = kept.split(' ');
  hide(freed());
});
Promise.resolve(visible()).then(() => showFreed()).catch(() => {});
