/* Counts down while the page waits for a busy portal, then presses *Try again*. Any other action of the
   user ends it. Loaded when a portal is busy. */
import { dialogIsOpen } from './keys.js';
import { wordsFor } from './plural.js';

const SECOND = 1_000;
/** Seconds. */
const MINUTE = 60;
/** @type {HTMLElement | null} */
let box = null;
let due = 0;
let timer = 0;

/** Begins, unless this very problem is being waited for already. */
export function start() {
  // In a dialog the user presses its own button.
  const found = document.querySelector('[data-countdown]:not(dialog *)');
  if (!found || found === box) return;
  stop();
  box = found;
  due = performance.now() + Number(box.dataset.countdown) * SECOND;
  document.addEventListener('input', stop, { capture: true });
  document.addEventListener('click', onClick, { capture: true });
  show(box, true);
  tick();
}

function tick() {
  if (!box?.isConnected || dialogIsOpen()) {
    stop();
    return;
  }
  const left = Math.ceil((due - performance.now()) / SECOND);
  if (left < 1) {
    end();
    box.closest('.alert, .message')?.querySelector('[data-retry], [data-reload], [form=again]')?.click();
    return;
  }
  const [seconds, minutes] = box.querySelectorAll('template');
  const words = box.querySelector('span');
  if (!seconds || !minutes || !words) return;
  words.textContent = left > MINUTE ? wordsFor(minutes, Math.ceil(left / MINUTE)) : wordsFor(seconds, left);
  timer = setTimeout(tick, SECOND);
}

/** @param {Event} event */
function onClick({ target }) {
  if (/** @type {HTMLElement} */ (target).closest('button, summary, [role=option]')) stop();
}

function stop() {
  if (box?.isConnected) show(box, false);
  end();
}

function end() {
  clearTimeout(timer);
  document.removeEventListener('input', stop, { capture: true });
  document.removeEventListener('click', onClick, { capture: true });
}

/** @param {HTMLElement} counter @param {boolean} on */
function show(counter, on) {
  counter.hidden = !on;
  counter.previousElementSibling?.classList.toggle('unseen', on);
}
