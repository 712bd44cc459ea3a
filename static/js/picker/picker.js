/* "Add a customer": its script is loaded once the page is there, or with the first record. */

const load = () => import('./combobox.js').catch(() => ({}));

/** Makes the open editor's field search; see `attachCombobox` for what it is given. */
export async function attachPicker(desk) {
  const input = document.getElementById('add-customer');
  const hold = (event) => { if (event.key === 'Enter') event.preventDefault(); };
  input.addEventListener('keydown', hold);
  const { attachCombobox } = await load();
  input.removeEventListener('keydown', hold);
  if (input.isConnected) attachCombobox?.(input, desk);
}

window.addEventListener('load', load);
