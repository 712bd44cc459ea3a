/* Moving a customer to another place by dragging or with Alt+arrow. Loaded with the first attempt. */
import { refresh, rows } from './customers.js';
import { announceRow, showChanges } from './changes.js';

const GIVE = 8;

/** Moves the customer with the focus one place up or down.
    @param {HTMLElement} focused @param {boolean} down */
export function moveFocused(focused, down) {
  const row = focused.closest('.customer');
  if (!row || !move(row, down)) return;
  (focused.hidden ? row.querySelector('.remove') : focused)?.focus();
  announceMove(row);
}

/** Follows the pointer that has just been pressed on a row's handle until it is released.
    @param {PointerEvent & { target: HTMLElement }} event */
export function drag(event) {
  const dragged = event.target.closest('.customer');
  // A row that moves is taken out of the page for a moment, so the list captures the pointer.
  const list = dragged?.parentElement;
  if (!dragged || !list || event.button || !event.isPrimary) return;
  try {
    list.setPointerCapture(event.pointerId);
  } catch {
    return; // It was released while this module was loading.
  }
  const row = dragged;
  const place = rows().indexOf(row);
  const end = new AbortController();
  const options = { signal: end.signal, capture: true };
  let from = event.clientY;
  let last = from;
  row.classList.add('is-dragged');

  /** @param {PointerEvent} event */
  function follow({ clientY }) {
    // Only in the direction of the pointer: rows change their heights with their places, and a row
    // that looked both ways could go back and forth for ever.
    const down = clientY > last;
    last = clientY;
    for (;;) {
      const other = neighborOf(row, down);
      const way = down ? clientY - from : from - clientY;
      const top = row.offsetTop;
      if (!other || way <= other.offsetHeight / 2 || !move(row, down)) break;
      from += row.offsetTop - top;
    }
    row.style.translate = `0 ${limit(row, clientY - from)}px`;
  }

  function finish() {
    end.abort();
    row.classList.remove('is-dragged');
    row.style.translate = '';
    if (rows().indexOf(row) !== place) announceMove(row);
  }

  function cancel() {
    while (rows().indexOf(row) > place && move(row, false));
    while (rows().indexOf(row) < place && move(row, true));
    finish();
  }

  window.addEventListener('pointermove', follow, options);
  window.addEventListener('pointerup', finish, options);
  window.addEventListener('pointercancel', cancel, options);
  window.addEventListener('keydown', (key) => {
    if (key.key !== 'Escape') return;
    key.preventDefault();
    key.stopPropagation();
    cancel();
  }, options);
}

/** Returns how far a row follows the pointer; only a little where it cannot go.
    @param {HTMLElement} row @param {number} way */
function limit(row, way) {
  const other = neighborOf(row, way > 0);
  return other && kindOf(other) === kindOf(row) ? way : Math.max(-GIVE, Math.min(GIVE, way));
}

/** Returns whether the row could go there: contacts and companies do not mix.
    @param {HTMLElement} row @param {boolean} down */
function move(row, down) {
  const other = neighborOf(row, down);
  if (!other || kindOf(other) !== kindOf(row)) return false;
  if (down) other.after(row);
  else other.before(row);
  refresh();
  return true;
}

/** @param {HTMLElement} row */
const kindOf = (row) => row.dataset.key.split(':')[0];

/** @param {HTMLElement} row @param {boolean} down */
const neighborOf = (row, down) => rows()[rows().indexOf(row) + (down ? 1 : -1)];

/** @param {HTMLElement} row */
function announceMove(row) {
  announceRow('moved', row, rows().indexOf(row) + 1);
  showChanges();
}
