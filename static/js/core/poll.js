/* Asks the server now and then whether something has happened: only while the page is visible, and
   without a word when there is no answer. */
const PAUSE = 8_000;
const LONGEST_PAUSE = 5 * 60_000;

/** Whether the page is visible, or a promise that waits for it. */
export const visible = () => document.visibilityState === 'visible' || new Promise((resolve) => {
  document.addEventListener('visibilitychange', resolve, { once: true });
});

/** @param {number} seconds */
export const pauseFor = (seconds) => new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });

/** Calls `look` again and again; it resolves to the server's answer, or to null when this was not
    the moment to ask.
    @param {() => Promise<Response | null>} look @param {number} [rest] milliseconds between two looks */
export function poll(look, rest = PAUSE) {
  let pause = rest;
  let timer = 0;
  let asking = false;

  async function ask() {
    clearTimeout(timer);
    // Coming back to the page asks at once.
    if (asking || document.visibilityState !== 'visible') return;
    asking = true;
    pause = await look().then((answer) => pauseAfter(answer, rest)).catch(() => Math.min(pause * 2, LONGEST_PAUSE));
    asking = false;
    timer = setTimeout(ask, pause);
  }

  document.addEventListener('visibilitychange', ask);
  window.addEventListener('focus', ask);
  timer = setTimeout(ask, rest);
}

/** @param {Response | null} answer @param {number} rest */
function pauseAfter(answer, rest) {
  if (!answer || answer.ok) return rest;
  const seconds = Number(answer.headers.get('Retry-After'));
  if (!seconds) throw new Error('the server did not say when to ask again');
  return seconds * 1000;
}
