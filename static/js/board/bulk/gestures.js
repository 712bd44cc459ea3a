/* Clicks and keys that select several records or remove one. The first loads selection.js. */
import { dialogIsOpen, letterOf } from '../../core/keys.js';
import { load } from '../../core/load.js';

/** @typedef {typeof import('./selection.js')} Selection */

const records = document.getElementById('records');
const isSelecting = () => records.ariaMultiSelectable === 'true';
/** The row that was clicked last, from which Shift selects.
    @type {HTMLButtonElement | null} */
let clicked = null;

/** @param {(selecting: Selection) => unknown} use */
export const withSelection = (use) => load(() => import('./selection.js'), import.meta.resolve('./selection.js'), use);

/** @param {HTMLElement} target */
const rowAt = (target) => (target.closest('#records') ? target.closest('[role=option]') : null);

const focusedRow = () => rowAt(/** @type {HTMLElement} */ (document.activeElement));

// Users who can only read the list remove nothing.
if (document.querySelector('.page > .only-reading')) document.querySelector('[data-select-several]')?.remove();
else {
  document.addEventListener('click', onClick, { capture: true });
  document.addEventListener('keydown', onKey, { capture: true });
  // Some browsers press a button when the key is released.
  document.addEventListener('keyup', (event) => { if (event.key === ' ' && rowAt(event.target)) event.preventDefault(); });
}

/** @param {MouseEvent & { target: HTMLElement }} event */
function onClick(event) {
  const row = rowAt(event.target);
  if (!row) return;
  const from = clicked;
  clicked = row;
  if (!isSelecting() && !event.shiftKey && !event.ctrlKey && !event.metaKey) return;
  // The list would open the record.
  event.stopPropagation();
  withSelection((it) => (event.shiftKey ? it.extend(row, from) : it.toggle(row)));
}

/** @param {KeyboardEvent & { target: HTMLElement }} event */
function onKey(event) {
  const row = rowAt(event.target);
  const { key, shiftKey } = event;
  const command = event.ctrlKey || event.metaKey;
  if (dialogIsOpen() || event.altKey) return;
  /** @type {((selecting: Selection) => unknown) | null} */
  let use = null;
  if (key === 'Escape' && isSelecting() && !(event.target.matches('input') && document.getElementById('search').value)) use = (it) => it.stop();
  else if (!row) return;
  else if (key === ' ') use = (it) => it.toggle(row);
  else if (key === 'Delete') use = (it) => it.remove(row);
  else if (command && letterOf(event) === 'a' && isSelecting()) use = (it) => it.selectAll(true);
  // The module may come after several keys, of which each has moved the focus.
  else if (shiftKey && (key === 'ArrowUp' || key === 'ArrowDown')) use = (it) => it.extendBy(focusedRow() ?? row, key === 'ArrowDown' ? 1 : -1);
  if (!use) return;
  event.preventDefault();
  event.stopPropagation();
  // A key that is held down would remove one record after the other.
  if (!event.repeat || shiftKey) withSelection(use);
}
