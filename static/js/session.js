/* The frame session: a short-lived word that every request carries, since cookies do not work in
   a frame. When it has expired the portal around the page vouches for the user again. */
import { freshLaunch } from './frame.js';

let renewal = null;

export const frameSession = () => document.querySelector('input[name=session]').value;

/** Resolves to whether a session newer than `stale` is there. Requests that find out at the same
    time share one renewal. */
export function renewSession(stale) {
  if (frameSession() !== stale) return Promise.resolve(true);
  renewal ??= renew().catch(() => false).finally(() => { renewal = null; });
  return renewal;
}

async function renew() {
  const body = new URLSearchParams(await freshLaunch());
  const answer = await fetch(document.body.dataset.renew, {
    method: 'POST', body, headers: { 'X-Frame-Session': frameSession() },
  });
  if (!answer.ok) return false;
  const { session } = await answer.json();
  for (const field of document.querySelectorAll('input[name=session]')) field.value = session;
  return true;
}
