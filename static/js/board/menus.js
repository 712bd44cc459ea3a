/* The menus in the line of tools. Loaded when the first is opened. */
import { ask } from '../core/dialogs.js';
import { chooseTheme } from '../portal/theme.js';
import { withSelection } from './bulk/gestures.js';
import { chooseOrder } from './order.js';

/** Opens the menu of a button, or closes it.
    @param {HTMLElement} button */
export function toggleMenu(button) {
  const menu = button.parentElement?.querySelector('[role=menu]');
  if (menu?.hidden) open(button, menu);
}

/** @param {HTMLElement} button @param {HTMLElement} menu */
function open(button, menu) {
  const items = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll('[role^=menuitem]')]);
  const end = new AbortController();
  const options = { signal: end.signal, capture: true };
  /** @param {boolean} back whether the focus returns to the button */
  const close = (back) => {
    end.abort();
    menu.hidden = true;
    button.ariaExpanded = 'false';
    if (back) button.focus();
  };
  menu.hidden = false;
  button.ariaExpanded = 'true';
  (items.find((item) => item.ariaChecked === 'true') ?? items[0])?.focus();
  document.addEventListener('keydown', (event) => {
    const place = items.indexOf(event.target);
    /** @type {Record<string, number>} */
    const places = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: -1 };
    const to = places[event.key];
    if (event.key === 'Escape') close(true);
    else if (to !== undefined) items.at(to % items.length)?.focus();
    else if (event.key === 'Tab') close(false);
    if (event.key !== 'Escape' && to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
  }, options);
  document.addEventListener('pointerdown', ({ target }) => {
    if (!menu.contains(target) && !button.contains(target)) close(false);
  }, options);
  menu.addEventListener('click', ({ target }) => {
    const item = target.closest('[role^=menuitem]');
    if (!item) return;
    close(true);
    carryOut(item.dataset);
  }, options);
}

/** @param {DOMStringMap} item */
function carryOut({ order, theme, dialog, selectSeveral }) {
  if (selectSeveral !== undefined) withSelection((it) => it.start());
  if (order) chooseOrder(order);
  if (theme) chooseTheme(theme);
  if (dialog) ask(dialog);
}
