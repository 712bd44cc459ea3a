/* Closes a menu in the head of a record when the user turns to something else. Loaded when
   one is first opened. */

const openMenu = () => document.querySelector('.editor-head [open]');
const close = () => openMenu()?.removeAttribute('open');

for (const type of /** @type {const} */ (['pointerdown', 'focusin'])) {
  document.addEventListener(type, ({ target }) => {
    if (!openMenu()?.contains(target)) close();
  });
}

document.addEventListener('submit', close, { capture: true });

/** Closes the menu and gives the focus back to its button. */
export function closeMenu() {
  const menu = openMenu();
  close();
  menu?.querySelector('summary')?.focus();
}
