/* A new customer for the record that has just been opened. Loaded when it is first wanted. */
import { createCustomer } from '../picker/new-customer.js';
import { picker } from './editor.js';

/** Opens the form with words that were typed elsewhere.
    @param {string} text */
export function startCustomer(text) {
  const input = document.getElementById('add-customer');
  if (!input) return;
  input.value = text;
  createCustomer(input, picker);
}
