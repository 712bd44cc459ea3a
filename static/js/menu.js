/* The menu in the head of a record: it closes as soon as somebody looks elsewhere. Loaded when it
   is first opened. */
import { startRemoval } from './removal.js';

const open = () => document.querySelector('.menu[open]');

function close(menu) {
  menu?.removeAttribute('open');
}

document.addEventListener('pointerdown', (event) => {
  if (!open()?.contains(event.target)) close(open());
});

document.addEventListener('focusin', (event) => {
  if (!open()?.contains(event.target)) close(open());
});

document.addEventListener('submit', (event) => {
  close(open());
  if (event.target.id !== 'removal') return;
  event.preventDefault();
  event.stopPropagation();
  startRemoval(event.target);
}, { capture: true });
