/* Says how long the page still waits, then tries again by itself what was asked for. Whoever goes
   on working, or presses something else, has decided otherwise. Loaded when a portal is busy. */
import { dialogIsOpen } from './dialogs.js';

const SECOND = 1_000;
let box = null;
let due = 0;
let timer = 0;

/** Begins, unless this very problem is being waited for already. */
export function start() {
  // In a dialog it is its own button that tries again.
  const found = document.querySelector('[data-countdown]:not(dialog *)');
  if (!found || found === box) return;
  stop();
  box = found;
  due = performance.now() + box.dataset.countdown * SECOND;
  document.addEventListener('input', stop, { capture: true });
  document.addEventListener('click', press, { capture: true });
  show(true);
  tick();
}

function tick() {
  const left = Math.ceil((due - performance.now()) / SECOND);
  if (!box.isConnected || dialogIsOpen()) stop();
  else if (left < 1) again();
  else {
    const fitting = [...box.children].filter((words) => words.dataset.left >= left).at(-1);
    for (const words of box.children) words.hidden = words !== fitting;
    timer = setTimeout(tick, SECOND);
  }
}

function again() {
  const button = box.closest('.alert').querySelector('[data-retry], [form=again]');
  end();
  button.click();
}

function press({ target }) {
  if (target.closest('button, summary, [role=option]')) stop();
}

function stop() {
  if (box?.isConnected) show(false);
  end();
}

function end() {
  clearTimeout(timer);
  document.removeEventListener('input', stop, { capture: true });
  document.removeEventListener('click', press, { capture: true });
}

function show(on) {
  box.hidden = !on;
  box.previousElementSibling.classList.toggle('unseen', on);
}
