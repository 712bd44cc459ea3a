/* Connects a page of the app with the portal around it. The page does not wait for that. */
import { keepFresh } from './session.js';

const load = () => import('./frame.js');

export function joinPortal() {
  import('./theme.js').catch(() => {});
  document.addEventListener('click', ({ target }) => {
    const path = target.closest('[data-path]')?.dataset.path;
    if (path) load().then((frame) => frame.openInPortal(path)).catch(() => {});
  });
  load().then((frame) => {
    if (!frame.inPortal()) return;
    frame.follow(document.body.dataset.title);
    keepFresh();
  }, () => {});
}
