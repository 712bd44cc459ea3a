/* Closes the menu in the head of a record when the user turns to something else. Loaded when the
   menu is first opened. */
import { dialogIsOpen } from '../core/keys.js';

const openMenu = () => document.querySelector('.menu[open]');
const close = () => openMenu()?.removeAttribute('open');

for (const type of /** @type {const} */ (['pointerdown', 'focusin'])) {
  document.addEventListener(type, ({ target }) => {
    if (!openMenu()?.contains(target)) close();
  });
}

document.addEventListener('submit', close, { capture: true });

document.addEventListener('keydown', (event) => {
  const menu = openMenu();
  if (event.key !== 'Escape' || !menu?.closest('#record')?.contains(event.target) || dialogIsOpen()) return;
  event.preventDefault();
  close();
  menu.querySelector('summary')?.focus();
}, { capture: true });
