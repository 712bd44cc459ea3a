/* On a phone, what is said of removals and new cards stands at the end of the window while the list is
   shown. Loaded with what may say something there. */
import { tellBelowWindow } from '../../portal/viewport.js';

const place = document.getElementById('going');
/** @type {(() => void) | null} */
let unfollow = null;

function follow() {
  if (place.childElementCount) unfollow ??= tellBelowWindow(place);
  else {
    unfollow?.();
    unfollow = null;
  }
}

new MutationObserver(follow).observe(place, { childList: true });
follow();
