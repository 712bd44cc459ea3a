/* Sets `--visible-height` for style sheets: how much of the frame the window shows, from its top. The list
   and the editor are as high as that. A frame cannot see the portal around it, but an observer without a
   root of its own is told what the window shows of an element. Loaded at once, beside the list. */
import { inPortal, keepHigh } from '../portal/frame.js';

const STEPS = 100;
/** As high as the frame. */
const ruler = document.getElementById('frame-ruler');
const wide = matchMedia('(min-width: 900px)');
/** As high as the frame was last made to find out how much of it is seen. */
let tried = 0;

const observer = new IntersectionObserver((entries) => {
  const { isIntersecting, intersectionRect: { top = 0, bottom = 0 } = {} } = entries.at(-1) ?? {};
  // While the portal is scrolled down, the beginning of the frame is out of sight.
  if (!isIntersecting || top > 1) return;
  const end = Math.round(bottom);
  document.documentElement.style.setProperty('--visible-height', `${end}px`);
  const most = highest();
  const all = end >= window.innerHeight - 1 && window.innerHeight < most;
  // There may be room for more. A slider keeps its own height.
  if (all && tried !== most && wide.matches && inPortal()) {
    tried = most;
    keepHigh(most);
  } else if (!all) keepHigh(0);
}, { threshold: Array.from({ length: STEPS + 1 }, (_, step) => step / STEPS) });

/** The whole browser's window, which is always higher than what it shows of the frame. */
const highest = () => Math.round(window.outerHeight / Math.min(1, window.devicePixelRatio));

function measure() {
  observer.unobserve(ruler);
  observer.observe(ruler);
}

window.addEventListener('resize', measure);
// A frame is not told that the window around it has become higher.
for (const type of /** @type {const} */ (['focus', 'pointerover'])) {
  window.addEventListener(type, () => { if (tried && tried !== highest()) measure(); }, { passive: true });
}
measure();
