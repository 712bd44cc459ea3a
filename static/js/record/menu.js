/* The menu in the head of a record: it closes as soon as somebody looks elsewhere. Loaded when it
   is first opened. */
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

document.addEventListener('submit', () => close(open()), { capture: true });
