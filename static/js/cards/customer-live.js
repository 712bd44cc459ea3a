/* The records of a customer change their rows by themselves; nobody who works there is disturbed. */
import { putRows } from '../core/rows.js';
import { followNews } from './live.js';

/** `shown` tells the fields that name the customer and the records on the page. */
export function followRecords(shown) {
  followNews(shown, put);
}

function put(parts) {
  const button = document.activeElement.closest('#waiting button');
  const again = button && `#${button.closest('li').id}:not([hidden]) [formaction="${button.getAttribute('formaction')}"]`;
  const rows = parts.filter((part) => part.dataset.record);
  const fresh = rows.filter((row) => !document.getElementById(row.id));
  putRows(parts);
  for (const row of fresh) sort(row);
  if (again && !button.isConnected) (document.querySelector(again) ?? document.getElementById('count')).focus();
}

/** Puts a row where the page would have it: the newest record first. */
function sort(row) {
  const older = [...row.parentElement.children].find((one) => Number(one.dataset.record) < row.dataset.record);
  row.parentElement.insertBefore(row, older ?? null);
}
