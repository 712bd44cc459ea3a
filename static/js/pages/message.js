/* For pages that do nothing but show something: keeps the frame as high as they are, and offers to
   open them again where that may help. */
import { followHeight, nameFrame } from '../core/portal-frame.js';

const again = document.querySelector('[data-reload]');
if (again) {
  again.hidden = false;
  again.addEventListener('click', () => window.location.reload());
}

followHeight(document.getElementById('app'));
nameFrame(document.title).catch(() => {});
