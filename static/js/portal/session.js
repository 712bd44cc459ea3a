/* The frame session: a short-lived token in every request, as cookies do not work in a frame. When
   it has expired, the portal vouches for the user again. */

// Well before the server refuses a session.
const OLD = 10 * 60 * 1000;
/** @type {Promise<boolean> | null} */
let renewal = null;
let renewedAt = Date.now();

const fields = () => document.querySelectorAll('input[name=session]');

export const frameSession = () => fields()[0]?.value ?? '';

/** Resolves to whether there is a session newer than `stale`. Requests that find out at the same
    time share one renewal.
    @param {string} stale */
export function renewSession(stale) {
  if (frameSession() !== stale) return Promise.resolve(true);
  renewal ??= renew().catch(() => false).finally(() => { renewal = null; });
  return renewal;
}

/** Renews an old session when the user comes back, so that the first click need not wait for it. */
export function keepFresh() {
  for (const type of ['pointermove', 'pointerdown', 'keydown']) {
    document.addEventListener(type, () => {
      if (Date.now() - renewedAt > OLD) renewSession(frameSession());
    }, { passive: true, capture: true });
  }
}

/** Settles when no renewal is under way. */
export const renewalSettled = () => renewal;

async function renew() {
  renewedAt = Date.now();
  const { renewed } = await import('./renewal.js');
  const session = await renewed(frameSession());
  for (const field of fields()) field.value = session;
  return true;
}
