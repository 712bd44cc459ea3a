/* Pages that only show a message: keeps the frame as high as they are, and offers to open the app
   again where that may help. */
import { countDown } from '../core/fragments.js';
import { follow } from '../portal/frame.js';

const again = document.querySelector('[data-reload]');
if (again) {
  again.hidden = false;
  again.addEventListener('click', () => window.location.reload());
  countDown();
}

follow(document.body.dataset.title);
