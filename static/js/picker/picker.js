/* "Add a customer": its script is loaded beside the page's, and again with a record if that failed. */
import { load } from '../core/load.js';

const module = () => import('./combobox.js');

/** Makes the open editor's field search, also for what was typed before the script was there.
    @param {PickerForm} form */
export function attachPicker(form) {
  const input = document.getElementById('add-customer');
  if (!input) return;
  let entered = '';
  let saves = false;
  /** @param {KeyboardEvent} event */
  const hold = (event) => {
    const command = event.ctrlKey || event.metaKey;
    if (event.key !== 'Enter' || (command && !entered)) return;
    event.preventDefault();
    if (command) saves = true;
    else entered = input.value;
  };
  input.addEventListener('keydown', hold);
  load(module, import.meta.resolve('./combobox.js'), ({ attachCombobox }) => {
    input.removeEventListener('keydown', hold);
    if (input.isConnected) attachCombobox(input, form, entered, saves);
  });
}

module().catch(() => {});
