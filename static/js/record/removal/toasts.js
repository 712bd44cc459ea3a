/* Keeps toasts about removals and new cards at the end of the window on a phone while the list is shown.
   Loaded with the first module that may show one. */
import { tellBelowWindow } from '../../portal/viewport.js';

const place = document.getElementById('toasts');
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
