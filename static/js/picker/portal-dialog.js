/* The portal's own dialog for choosing customers, beside our search. */
import { partsOf } from '../core/ask.js';
import { portalFrame } from '../core/portal-frame.js';
import { swap } from '../core/fragments.js';
import { onRetry } from '../core/request.js';

/** Opens it, and picks what the server makes of the ids it gives. A cancelled dialog never
    answers, so nothing waits for it; an answer for a record that is closed is dropped. */
export async function chooseInPortal({ input, pick }) {
  const b24 = await portalFrame().catch(() => null);
  const chosen = await b24?.dialog.selectCRM({ entityType: ['contact', 'company'], multiple: true });
  const ids = Object.values(chosen ?? {}).flat().map((one) => one.id);
  if (!ids.length || !input.isConnected) return;
  await take(ids, input, pick);
}

async function take(ids, input, pick) {
  const parts = await partsOf(input.dataset.rows, ids.map((id) => ['picked', id]));
  if (!input.isConnected) return;
  onRetry(parts, () => take(ids, input, pick));
  const picked = parts.find((part) => part.id === 'picked');
  swap(parts.filter((part) => part !== picked));
  input.focus({ preventScroll: true });
  for (const row of [...picked?.children ?? []]) pick(row);
}
