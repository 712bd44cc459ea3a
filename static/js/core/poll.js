/* Asks the server now and then whether something has happened. Nobody is asked while nobody looks,
   and nobody is told when there is no answer. */
const PAUSE = 8_000;
const LONGEST_PAUSE = 5 * 60_000;

/** `look` resolves to the server's answer, or to null when this was not the moment to ask. */
export function keepAsking(look) {
  let pause = PAUSE;
  let timer = 0;
  let asking = false;

  async function ask() {
    clearTimeout(timer);
    // Whoever comes back to the page is shown what happened meanwhile.
    if (asking || document.visibilityState !== 'visible') return;
    asking = true;
    pause = await look().then(wait).catch(() => Math.min(pause * 2, LONGEST_PAUSE));
    asking = false;
    timer = setTimeout(ask, pause);
  }

  document.addEventListener('visibilitychange', ask);
  window.addEventListener('focus', ask);
  timer = setTimeout(ask, PAUSE);
}

function wait(answer) {
  if (!answer || answer.ok) return PAUSE;
  const seconds = Number(answer.headers.get('Retry-After'));
  if (!seconds) throw new Error('no news');
  return seconds * 1000;
}
