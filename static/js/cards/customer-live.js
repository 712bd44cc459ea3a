/* The records of a customer change their rows by themselves, without moving the focus. */
import { swapRows } from '../core/fragments.js';
import { followChanges } from './live.js';

/** `shown` returns the fields that name the customer and the records on the page.
    @param {() => string[][]} shown */
export function followRecords(shown) {
  followChanges(shown, put);
}

/** @param {HTMLElement[]} parts */
function put(parts) {
  const button = document.activeElement?.closest('#waiting button');
  const again = button && `#${button.closest('li')?.id}:not([hidden]) [formaction="${button.getAttribute('formaction')}"]`;
  const rows = parts.filter((part) => part.dataset.record);
  const fresh = rows.filter((row) => !document.getElementById(row.id));
  swapRows(parts);
  for (const row of fresh) sort(row);
  if (again && !button.isConnected) (document.querySelector(again) ?? document.getElementById('count'))?.focus();
}

/** Puts a row where the page would have it: the newest record first.
    @param {HTMLElement} row */
function sort(row) {
  const others = /** @type {HTMLElement[]} */ ([...row.parentElement?.children ?? []]);
  const older = others.find((one) => Number(one.dataset.record) < Number(row.dataset.record));
  row.parentElement?.insertBefore(row, older ?? null);
}
