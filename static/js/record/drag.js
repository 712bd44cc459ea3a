/* Dragging a customer to another place, with a mouse or a finger. Loaded when a handle is first
   touched. The star and Alt+arrow do the same without dragging. */
import { move, rows } from './customers.js';
import { moved } from './editor.js';

const GIVE = 8;

/** Follows the pointer that has just been pressed on a row's handle until it is let go. */
export function drag(event) {
  const row = event.target.closest('.customer');
  // A row that moves is taken out of the page for a moment, so the list holds the pointer.
  const list = row?.parentElement;
  if (!list || event.button || !event.isPrimary) return;
  try {
    list.setPointerCapture(event.pointerId);
  } catch {
    return; // Let go while this module was on its way.
  }
  const place = rows().indexOf(row);
  const end = new AbortController();
  const on = (type, listener) => window.addEventListener(type, listener, { signal: end.signal, capture: true });
  let from = event.clientY;
  let last = from;
  row.classList.add('is-dragged');

  function follow({ clientY }) {
    // Only where the pointer goes: rows change their heights with their places, and a row that
    // looked both ways could go to and fro for ever.
    const down = clientY > last;
    last = clientY;
    for (;;) {
      const other = down ? row.nextElementSibling : row.previousElementSibling;
      const way = down ? clientY - from : from - clientY;
      const top = row.offsetTop;
      if (!other || way <= other.offsetHeight / 2 || !move(row, down)) break;
      from += row.offsetTop - top;
    }
    row.style.translate = `0 ${held(row, clientY - from)}px`;
  }

  function finish() {
    end.abort();
    row.classList.remove('is-dragged');
    row.style.translate = '';
    if (rows().indexOf(row) !== place) moved(row);
  }

  function takeBack() {
    while (rows().indexOf(row) > place && move(row, false));
    while (rows().indexOf(row) < place && move(row, true));
    finish();
  }

  on('pointermove', follow);
  on('pointerup', finish);
  on('pointercancel', takeBack);
  on('keydown', (key) => {
    if (key.key !== 'Escape') return;
    key.preventDefault();
    key.stopPropagation();
    takeBack();
  });
}

/** A row that cannot go on gives only a little. */
function held(row, way) {
  const other = way > 0 ? row.nextElementSibling : row.previousElementSibling;
  const [kind] = row.dataset.key.split(':');
  const free = other?.dataset.key.startsWith(kind);
  return free ? way : Math.max(-GIVE, Math.min(GIVE, way));
}
