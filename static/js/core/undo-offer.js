/* *Saved* with its Undo: goes away by itself, but not under the pointer or the focus. */

const SHOWN = 10_000;
let timer = 0;

/** Takes the offer away after a while. */
export function expireUndo() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (document.getElementById('status')?.matches(':hover, :focus-within')) expireUndo();
    else removeUndo();
  }, SHOWN);
}

export function removeUndo() {
  document.getElementById('status')?.replaceChildren();
  document.getElementById('undo')?.remove();
}

export const pressUndo = () => document.getElementById('undo')?.requestSubmit();
