/* Tells the portal that the installation is complete, once, and only when the server has said so.
   The portal then reloads the page and opens the app. */
import { follow, portalFrame } from '../portal/frame.js';

/** @param {HTMLFormElement} onward */
async function finish(onward) {
  const b24 = await portalFrame();
  if (!b24.isInstallMode) {
    onward.submit();
    return;
  }
  const button = onward.querySelector('button');
  if (button) button.disabled = true;
  // The portal does not answer this one.
  b24.installFinish().catch(() => onward.submit());
}

const onward = document.querySelector('form[data-finish]');
if (onward) finish(onward).catch(() => {});
follow(document.title);
