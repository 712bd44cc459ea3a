/* Modal dialogs. The frame may be far higher than the window: they open in the part that is in sight. */
import { expireUndo } from './undo-offer.js';

/** Resolves to the value of the pressed button, '' after Escape.
    @param {HTMLDialogElement} dialog @returns {Promise<string>} */
export function showDialog(dialog) {
  const trigger = /** @type {HTMLElement | null} */ (document.activeElement);
  dialog.returnValue = '';
  dialog.showModal();
  // Not `autofocus`: a browser complains about that in a frame of another site.
  const field = dialog.querySelector('[data-focus]');
  field?.focus({ preventScroll: true });
  if (field instanceof HTMLInputElement && field.readOnly) copy(field, dialog);
  keepInSight(dialog, field);
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      if (trigger?.isConnected) trigger.focus({ preventScroll: true });
      resolve(dialog.returnValue);
    }, { once: true });
  });
}

/** @param {string} id */
export const ask = (id) => showDialog(/** @type {HTMLDialogElement} */ (document.getElementById(id)));

/** Copies a text, closes its dialog again and says so. Where a browser refuses that, the text is
    selected. The Clipboard API is closed to a frame of another site.
    @param {HTMLInputElement} field @param {HTMLDialogElement} dialog */
function copy(field, dialog) {
  field.select();
  field.addEventListener('click', () => field.select());
  const status = document.getElementById('status');
  if (!status || !document.execCommand('copy')) return;
  dialog.close();
  status.textContent = dialog.dataset.copied ?? '';
  expireUndo();
}

/** Puts a dialog in the middle of what the window shows of the frame, and its field in sight.
    @param {HTMLDialogElement} dialog @param {Element | null} field */
function keepInSight(dialog, field) {
  const observer = new IntersectionObserver(([entry]) => {
    observer.disconnect();
    const { top = 0, bottom = 0 } = entry?.intersectionRect ?? {};
    if (bottom <= top) return;
    dialog.style.insetBlock = `${top}px ${window.innerHeight - bottom}px`;
    dialog.style.maxBlockSize = `${bottom - top - 32}px`;
    // A button may be below a question that has to be read first.
    if (field instanceof HTMLInputElement) field.scrollIntoView({ block: 'nearest' });
  });
  observer.observe(document.documentElement);
}
