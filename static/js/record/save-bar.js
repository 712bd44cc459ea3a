/* On a phone the bar with *Save* stands at the end of the window while something is unsaved or has
   just been saved, if its own place lies further down. Nobody sees it move: it is away while the
   page scrolls. It covers nothing that somebody is typing into. */
import { followSight } from '../core/viewport.js';

const PHONE = matchMedia('(max-width: 899px)');
const STILL = 150;
const OVER = 1_000;
const GAP = 8;
const app = document.getElementById('app');
let unfollow = null;
let wanted = 0;
let since = 0;
let placed = 0;
let needed = 0;

/** To be called when there is something to save. */
export function lift() {
  needed = performance.now();
  unfollow ??= followSight(follow);
}

function follow(sightEnd) {
  const now = performance.now();
  const foot = app.querySelector('.editor-foot:has(#save:enabled, #status:not(:empty))');
  if (!foot || !PHONE.matches) {
    if (now - needed > OVER) stop();
    return;
  }
  needed = now;
  const end = Math.max(sightEnd, lowest(foot));
  if (Math.abs(end - wanted) > 1) [wanted, since] = [end, now];
  const own = foot.parentElement.getBoundingClientRect().bottom;
  const moves = wanted !== placed && (own > wanted + 1 || app.matches('.is-lifted'));
  const waits = moves && now - since < STILL;
  app.classList.toggle('is-scrolled', waits);
  if (!waits) place(wanted, own);
}

/** Where the bar would begin to cover what has the focus. */
function lowest(foot) {
  const field = document.activeElement;
  if (!field.matches('.editor-body :is(input, textarea, :focus-visible)')) return 0;
  return Math.round(field.getBoundingClientRect().bottom + GAP + foot.offsetHeight);
}

function place(end, own) {
  if (end !== placed) app.style.setProperty('--sight-end', `${end}px`);
  placed = end;
  app.classList.toggle('is-lifted', own > end + 1);
}

function stop() {
  unfollow();
  [unfollow, wanted, placed] = [null, 0, 0];
  app.classList.remove('is-scrolled', 'is-lifted');
  app.style.removeProperty('--sight-end');
}
