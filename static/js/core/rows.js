/* Rows of the list that have come from the server after the page: they take their places without
   anybody who works in the list noticing. */
import { swap } from './fragments.js';

export function putRows(parts) {
  const focused = document.activeElement;
  const neighbour = focused.nextElementSibling ?? focused.previousElementSibling;
  for (const part of parts.filter((one) => !one.hidden)) {
    if (document.getElementById(part.id)?.ariaSelected === 'true') part.ariaSelected = 'true';
  }
  swap(parts);
  const part = parts.find(({ id }) => id && id === focused.id);
  if (part) (part.hidden ? neighbour : part)?.focus();
}
