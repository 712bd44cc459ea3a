/* Tells when the pointer is released. A click is lost if its target is replaced before that, so updates
   that come by themselves wait. */

/** @type {(() => void)[]} */
let waiting = [];
let pressed = false;

/** @param {boolean} now */
function set(now) {
  pressed = now;
  if (now) return;
  // The click follows at once; after that what waits may go on.
  setTimeout(() => {
    for (const go of waiting) go();
    waiting = [];
  });
}

document.addEventListener('pointerdown', () => set(true), { capture: true });
for (const type of /** @type {const} */ (['pointerup', 'pointercancel'])) {
  window.addEventListener(type, () => set(false), { capture: true });
}
// It may have been released elsewhere.
document.addEventListener('pointermove', ({ buttons }) => { if (pressed && !buttons) set(false); }, { capture: true });

/** Resolves when nothing on the page is pressed. */
export const pointerReleased = () => (pressed ? new Promise((/** @type {(nothing: void) => void} */ resolve) => {
  waiting.push(resolve);
}) : null);
