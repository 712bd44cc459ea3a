/* On a phone the bar with *Save* stands at the end of the window while something is unsaved or has
   just been saved, if its own place lies further down. It is hidden while the page scrolls, and it
   does not cover the field with the focus. */
import { followViewportEnd } from '../portal/viewport.js';

const STILL = 150;
const LINGER = 1_000;
const GAP = 8;
const app = document.getElementById('app');
/** @type {(() => void) | null} */
let unfollow = null;
let wanted = 0;
let wantedSince = 0;
let placed = 0;
let neededAt = 0;

/** To be called when there is something to save.
    @param {MediaQueryList} narrow tells whether this is a phone */
export function lift(narrow) {
  neededAt = performance.now();
  unfollow ??= followViewportEnd((end) => follow(end, narrow.matches));
}

/** @param {number} windowEnd @param {boolean} onPhone */
function follow(windowEnd, onPhone) {
  const now = performance.now();
  const bar = app.querySelector('.editor-foot:has(.is-primary:enabled, #status:not(:empty))');
  if (!bar?.parentElement || !onPhone) {
    if (now - neededAt > LINGER) stop();
    return;
  }
  neededAt = now;
  const end = Math.max(windowEnd, lowestPlace(bar));
  if (Math.abs(end - wanted) > 1) [wanted, wantedSince] = [end, now];
  const own = bar.parentElement.getBoundingClientRect().bottom;
  const moves = wanted !== placed && (own > wanted + 1 || app.matches('.is-lifted'));
  const waits = moves && now - wantedSince < STILL;
  app.classList.toggle('is-scrolled', waits);
  if (!waits) place(wanted, own);
}

/** Returns where the bar would begin to cover the field with the focus.
    @param {HTMLElement} bar */
function lowestPlace(bar) {
  const field = document.activeElement;
  if (!field?.matches('.editor-body :is(input, textarea, :focus-visible)')) return 0;
  return Math.round(field.getBoundingClientRect().bottom + GAP + bar.offsetHeight);
}

/** @param {number} end @param {number} own */
function place(end, own) {
  if (end !== placed) app.style.setProperty('--window-end', `${end}px`);
  placed = end;
  app.classList.toggle('is-lifted', own > end + 1);
}

function stop() {
  unfollow?.();
  unfollow = null;
  wanted = 0;
  placed = 0;
  app.classList.remove('is-scrolled', 'is-lifted');
  app.style.removeProperty('--window-end');
}
