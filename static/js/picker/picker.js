/* "Add a customer": its script is loaded once the page is there, or with the first record. */

const load = () => import('./combobox.js').catch(() => null);

/** Makes the open editor's field search, also for what was typed before the script was there.
    @param {PickerForm} form */
export async function attachPicker(form) {
  const input = document.getElementById('add-customer');
  if (!input) return;
  let entered = '';
  /** @param {KeyboardEvent} event */
  const hold = (event) => {
    if (event.key !== 'Enter' || event.isComposing || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    entered = input.value;
  };
  input.addEventListener('keydown', hold);
  const module = await load();
  input.removeEventListener('keydown', hold);
  if (input.isConnected) module?.attachCombobox(input, form, entered);
}

window.addEventListener('load', load);
