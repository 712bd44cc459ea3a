/* Rows that the CRM's mirror has painted are compared with the waiting list itself, some at a time
   and only while somebody looks. Loaded when there are such rows. */
import { parse } from '../core/fragments.js';
import { send } from '../core/request.js';
import { putRows } from '../core/rows.js';

const AT_ONCE = 50;
const PAUSE = 2;
const LONG_PAUSE = 30;
const { verify: url } = document.getElementById('records').dataset;

/** Resolves when every row has been compared, or there is no more answer to be had. */
export async function verify() {
  for (let some = next(); some.length; some = next()) {
    await visible();
    const answer = await send(url, some.map((row) => ['shown', `${row.value} ${row.dataset.customers}`])).catch(() => null);
    if (answer?.ok) put(some, parse(await answer.text()));
    else if (answer && ![502, 503].includes(answer.status)) return;
    await pause(answer?.ok ? PAUSE : Number(answer?.headers.get('Retry-After')) || LONG_PAUSE);
  }
}

const next = () => [...document.querySelectorAll('[data-unverified]')].slice(0, AT_ONCE);

function put(compared, parts) {
  // A row that was saved meanwhile is newer than this answer.
  const wrong = parts.filter((part) => document.getElementById(part.id)?.matches('[data-unverified]'));
  for (const row of compared) row.removeAttribute('data-unverified');
  putRows(wrong);
}

const pause = (seconds) => new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });

const visible = () => document.visibilityState === 'visible' || new Promise((resolve) => {
  document.addEventListener('visibilitychange', resolve, { once: true });
});
