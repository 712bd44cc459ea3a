/* Tells the portal that the installation is complete, once, and only when the server has said so.
   The portal then reloads the page and opens the app. */
import { followHeight, nameFrame, portalFrame } from '../core/portal-frame.js';

const onward = document.querySelector('form[data-finish]');

async function finish() {
  const b24 = await portalFrame();
  if (!b24.isInstallMode) {
    onward.submit();
    return;
  }
  onward.querySelector('button').disabled = true;
  // The portal never answers this one.
  b24.installFinish().catch(() => onward.submit());
}

if (onward) finish().catch(() => {});
followHeight(document.getElementById('app'));
nameFrame(document.title).catch(() => {});
