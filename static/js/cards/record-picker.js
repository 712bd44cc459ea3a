/* A field that searches a list of records on the page: an ARIA combobox whose list stays open. Enter
   alone chooses nothing, because choosing may save. */
import Combobox from '../../vendor/combobox-nav.js';
import { matcher } from '../core/text-match.js';

/** `choose` gets the option of the chosen record.
    @param {(option: HTMLButtonElement) => unknown} choose */
export function attachRecordPicker(choose) {
  const input = document.getElementById('pick');
  const list = document.getElementById('picks');
  const none = document.getElementById('no-pick');
  const said = document.getElementById('said');
  const combobox = new Combobox(input, list, { firstOptionSelectionMode: 'none', tabInsertsSuggestions: false });

  function filter() {
    const matches = matcher(input.value);
    const options = [...list.querySelectorAll('[role=option]')];
    for (const option of options) {
      const { search: text, phones } = option.dataset;
      option.hidden = !matches({ text, phones });
    }
    const count = options.filter((option) => !option.hidden).length;
    none.hidden = count > 0 || !options.length;
    said.textContent = said.dataset.matches.replace('{count}', String(count));
  }

  function showAll() {
    for (const child of list.querySelectorAll('[role=option], .hint')) child.hidden = false;
    none.hidden = true;
  }

  input.addEventListener('input', filter);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') event.preventDefault();
  });
  list.addEventListener('mousedown', (event) => event.preventDefault());
  list.addEventListener('click', (event) => event.preventDefault());
  list.addEventListener('combobox-commit', (event) => choose(/** @type {HTMLButtonElement} */ (event.target)));
  combobox.start();
  // Letters may have been typed before this script was ready.
  if (input.value !== input.defaultValue) filter();
  return { filter, showAll };
}
