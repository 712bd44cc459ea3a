/* Modal dialogs. The frame may be far higher than the window, so a dialog opens near to where the
   user was, not in the middle of the frame. */

const ABOVE_TRIGGER = 160;
const COMMON_WINDOW = 900;

/** Shows a dialog; resolves with the value of the pressed button, '' after Escape. */
export function showDialog(dialog) {
  const trigger = document.activeElement;
  dialog.returnValue = '';
  dialog.showModal();
  // Not `autofocus`: a browser complains about that in a frame of another site.
  const field = dialog.querySelector('[data-focus]');
  field?.focus();
  if (field?.readOnly) selectWhole(field);
  moveNear(trigger, dialog);
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      if (trigger?.isConnected) trigger.focus({ preventScroll: true });
      resolve(dialog.returnValue);
    }, { once: true });
  });
}

export const ask = (id) => showDialog(document.getElementById(id));

export const dialogIsOpen = () => document.querySelector('dialog:modal') !== null;

// What is there to be copied: no frame may write to the clipboard.
function selectWhole(field) {
  field.select();
  field.addEventListener('click', () => field.select());
}

function moveNear(trigger, dialog) {
  dialog.style.marginBlockStart = '';
  if (window.innerHeight <= COMMON_WINDOW || !trigger) return;
  const lowest = window.innerHeight - dialog.offsetHeight - 16;
  const wanted = trigger.getBoundingClientRect().top - ABOVE_TRIGGER;
  dialog.style.marginBlockStart = `${Math.max(16, Math.min(lowest, wanted))}px`;
}
