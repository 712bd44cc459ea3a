/* Modal dialogs. The frame may be far higher than the window, so they open near the focus. */

const ABOVE_TRIGGER = 160;
const COMMON_WINDOW = 900;

/** Resolves to the value of the pressed button, '' after Escape.
    @param {HTMLDialogElement} dialog @returns {Promise<string>} */
export function showDialog(dialog) {
  const trigger = /** @type {HTMLElement | null} */ (document.activeElement);
  dialog.returnValue = '';
  dialog.showModal();
  // Not `autofocus`: a browser complains about that in a frame of another site.
  const field = dialog.querySelector('[data-focus]');
  field?.focus();
  if (field instanceof HTMLInputElement && field.readOnly) selectWhole(field);
  moveNear(trigger, dialog);
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      if (trigger?.isConnected) trigger.focus({ preventScroll: true });
      resolve(dialog.returnValue);
    }, { once: true });
  });
}

/** @param {string} id */
export const ask = (id) => showDialog(/** @type {HTMLDialogElement} */ (document.getElementById(id)));

/** For a text to be copied: a frame may not write to the clipboard.
    @param {HTMLInputElement} field */
function selectWhole(field) {
  field.select();
  field.addEventListener('click', () => field.select());
}

/** @param {HTMLElement | null} trigger @param {HTMLDialogElement} dialog */
function moveNear(trigger, dialog) {
  dialog.style.marginBlockStart = '';
  if (window.innerHeight <= COMMON_WINDOW || !trigger) return;
  const lowest = window.innerHeight - dialog.offsetHeight - 16;
  const wanted = trigger.getBoundingClientRect().top - ABOVE_TRIGGER;
  dialog.style.marginBlockStart = `${Math.max(16, Math.min(lowest, wanted))}px`;
}
