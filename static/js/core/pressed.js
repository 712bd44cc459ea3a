/* A click is lost when what was pressed is replaced before it is released, so what comes by itself waits
   for the release. */

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
export const released = () => (pressed ? new Promise((/** @type {(nothing: void) => void} */ resolve) => {
  waiting.push(resolve);
}) : null);
