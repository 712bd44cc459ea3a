/* "Add a customer": its script is loaded once the page is there, or with the first record. */
import { load } from '../core/load.js';

const module = () => import('./combobox.js');

/** Makes the open editor's field search, also for what was typed before the script was there.
    @param {PickerForm} form */
export function attachPicker(form) {
  const input = document.getElementById('add-customer');
  if (!input) return;
  let entered = '';
  /** @param {KeyboardEvent} event */
  const hold = (event) => {
    if (event.key !== 'Enter' || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    entered = input.value;
  };
  input.addEventListener('keydown', hold);
  load(module, import.meta.resolve('./combobox.js'), ({ attachCombobox }) => {
    input.removeEventListener('keydown', hold);
    if (input.isConnected) attachCombobox(input, form, entered);
  });
}

window.addEventListener('load', () => module().catch(() => {}));
