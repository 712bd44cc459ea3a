/* Backspace in the empty field: the first marks the last customer, the second removes them. Loaded
   with the first. */
import { announceRow } from './changes.js';
import { rows } from './customers.js';

/** @param {(row: HTMLElement) => unknown} remove */
export function armOrRemoveLast(remove) {
  const row = rows().at(-1);
  if (!row) return;
  if (row.classList.contains('is-armed')) {
    disarm();
    remove(row);
    return;
  }
  row.classList.add('is-armed');
  announceRow('armed', row);
  const field = document.getElementById('add-customer');
  for (const type of /** @type {const} */ (['input', 'blur'])) field?.addEventListener(type, disarm, { once: true });
}

function disarm() {
  for (const row of document.querySelectorAll('.is-armed')) row.classList.remove('is-armed');
}
