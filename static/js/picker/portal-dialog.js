/* The portal's own dialog for choosing customers, beside our search. */
import { swap } from '../core/fragments.js';
import { portalFrame } from '../portal/frame.js';
import { onRetry, postForParts } from '../core/request.js';

/** Opens the dialog and picks what the server makes of the ids it gives. A canceled dialog never
    answers, so nothing waits for it; an answer for a record that was closed is dropped.
    @param {HTMLInputElement} input @param {PickerForm} picker */
export async function chooseInPortal(input, picker) {
  const b24 = await portalFrame().catch(() => null);
  const chosen = await b24?.dialog.selectCRM({ entityType: ['contact', 'company'], multiple: true });
  const ids = Object.values(chosen ?? {}).flat().map((one) => String(one.id));
  if (ids.length && input.isConnected) await take(ids, input, picker);
}

/** @param {string[]} ids @param {HTMLInputElement} input @param {PickerForm} picker */
async function take(ids, input, picker) {
  const parts = await postForParts(input.dataset.rows, ids.map((id) => ['picked', id]));
  if (!input.isConnected) return;
  onRetry(parts, () => take(ids, input, picker));
  const picked = parts.find((part) => part.id === 'picked');
  swap(parts.filter((part) => part !== picked));
  input.focus({ preventScroll: true });
  for (const row of /** @type {HTMLElement[]} */ ([...picked?.children ?? []])) picker.pick(row);
}
