/* The frame session: a short-lived word that every request carries, since cookies do not work in
   a frame. When it has expired the portal around the page vouches for the user again. */
import { freshLaunch } from './portal-frame.js';

// Well before the server stops believing a session.
const OLD = 10 * 60 * 1000;
let renewal = null;
let renewedAt = Date.now();

export const frameSession = () => document.querySelector('input[name=session]').value;

/** Resolves to whether a session newer than `stale` is there. Requests that find out at the same
    time share one renewal. */
export function renewSession(stale) {
  if (frameSession() !== stale) return Promise.resolve(true);
  renewal ??= renew().catch(() => false).finally(() => { renewal = null; });
  return renewal;
}

/** Renews an old session as soon as somebody comes back to the page, so that their first click
    need not wait for it. */
export function keepFresh() {
  for (const sign of ['pointermove', 'pointerdown', 'keydown']) {
    document.addEventListener(sign, () => {
      if (Date.now() - renewedAt > OLD) renewSession(frameSession());
    }, { passive: true, capture: true });
  }
}

/** Settles when no renewal is under way. */
export const renewalSettled = () => renewal ?? Promise.resolve();

async function renew() {
  renewedAt = Date.now();
  const body = new URLSearchParams(await freshLaunch());
  const answer = await fetch(document.body.dataset.renew, {
    method: 'POST', body, headers: { 'X-Frame-Session': frameSession() },
  });
  if (!answer.ok) return false;
  const { session } = await answer.json();
  for (const field of document.querySelectorAll('input[name=session]')) field.value = session;
  return true;
}
