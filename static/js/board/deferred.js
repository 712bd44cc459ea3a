/* Parts of the main page that can wait until it is complete: loads some modules, and others when they are
   first needed. */
import { closeOnBack } from '../portal/side-panel.js';
import './bulk/gestures.js';
import './record-placeholder.js';
import { dialogIsOpen } from '../core/keys.js';
import { isDirty } from '../record/changes.js';
import { mayLeave } from '../record/editor.js';

closeOnBack(mayLeave);
import('../record/calls.js').catch(() => {});
if (document.querySelector('[data-unverified]')) import('./mirror-check.js').then((it) => it.verify(), () => {});

/** Names the key for *Save* as the keyboards of this system do. */
function nameKey() {
  const key = document.querySelector('#save kbd');
  if (key && /Mac|iPhone|iPad/.test(navigator.platform)) key.textContent = '⌘ ↵';
}

/** Shows since when a record waits, if only the list knows it. */
function showAge() {
  const { record } = document.getElementById('record').dataset;
  const row = document.getElementById(`record-${record}`);
  const since = document.getElementById(`group-${row?.dataset.age}`)?.dataset.since;
  const place = document.querySelector('#record [data-waiting-since]');
  if (!since || !place) return;
  place.replaceChildren(` · ${since}`);
  const line = /** @type {HTMLElement} */ (place.parentElement);
  if (line.title) line.title = line.textContent;
}

for (const say of [nameKey, showAge]) {
  say();
  document.addEventListener('recordshown', say);
}

// On a phone, the message may be out of sight after the list was scrolled.
new MutationObserver((changes) => {
  const added = /** @type {HTMLElement[]} */ (changes.flatMap(({ addedNodes }) => [...addedNodes]));
  added.find(({ id }) => id === 'problem')?.scrollIntoView({ block: 'nearest' });
}).observe(/** @type {HTMLElement} */ (document.querySelector('.side')), { childList: true, subtree: true });

window.addEventListener('beforeunload', (event) => {
  if (isDirty()) event.preventDefault();
});

// The chips show the wishes of the saved note, so they are hidden while it is being changed.
document.addEventListener('input', ({ target }) => {
  if (!target.matches('textarea#note')) return;
  const { value, defaultValue } = /** @type {HTMLTextAreaElement} */ (/** @type {unknown} */ (target));
  document.getElementById('wishes')?.toggleAttribute('hidden', value !== defaultValue);
});

document.addEventListener('toggle', (event) => {
  if (event.target.matches('.editor-head details')) import('../record/menu.js');
}, { capture: true });

document.addEventListener('keydown', async (event) => {
  const { target, key } = event;
  const moves = event.altKey && /^Arrow(Up|Down)$/.test(key) && document.getElementById('editor');
  if (!moves || event.defaultPrevented || dialogIsOpen()) return;
  event.preventDefault();
  const { moveFocused } = await import('../record/reorder.js');
  moveFocused(target, key === 'ArrowDown');
});

for (const type of /** @type {const} */ (['pointerover', 'pointerdown'])) {
  document.addEventListener(type, async (event) => {
    if (!event.target.closest('.handle')) return;
    const { drag } = await import('../record/reorder.js');
    if (type === 'pointerdown') drag(event);
  });
}
// A tab has asked for the free times of a record.
if (document.getElementById('book')) import('../booking/offer.js').catch(() => {});
