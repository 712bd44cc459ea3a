/* Compares rows that were read from the CRM mirror with the waiting list itself, some at a time and
   only while the page is visible. Loaded when there are such rows. */
import { parse, swapRows } from '../core/fragments.js';
import { pauseFor, visible } from '../core/poll.js';
import { pointerReleased } from '../core/pointer.js';
import { postQuietly } from '../core/request.js';

const AT_ONCE = 50;
const PAUSE = 2;
const LONG_PAUSE = 30;
const { verify: url } = document.getElementById('records').dataset;

/** Resolves when every row has been compared, or no more answer can be had. */
export async function verify() {
  for (let some = next(); some.length; some = next()) {
    await visible();
    const shown = some.map((row) => ['shown', `${row.value} ${row.dataset.customers}`]);
    const answer = await postQuietly(url, shown).catch(() => null);
    const parts = answer?.ok ? parse(await answer.text()) : null;
    await pointerReleased();
    if (parts) put(some, parts);
    else if (answer && ![502, 503].includes(answer.status)) return;
    await pauseFor(answer?.ok ? PAUSE : Number(answer?.headers.get('Retry-After')) || LONG_PAUSE);
  }
}

const next = () => [...document.querySelectorAll('[role=option][data-unverified]')].slice(0, AT_ONCE);

/** @param {HTMLElement[]} compared @param {HTMLElement[]} parts */
function put(compared, parts) {
  // A row that was saved meanwhile is newer than this answer.
  const wrong = parts.filter((part) => document.getElementById(part.id)?.matches('[data-unverified]'));
  for (const row of compared) row.removeAttribute('data-unverified');
  swapRows(wrong);
}
