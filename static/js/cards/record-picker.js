/* A field that searches a list of records which is there already: an ARIA combobox whose list
   stays open. Nothing is chosen by Enter alone, because choosing may save. */
import Combobox from '../../vendor/combobox-nav.js';
import { matcher } from '../core/text-match.js';

/** `choose` gets the option of the chosen record. */
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
    said.textContent = said.dataset.matches.replace('{count}', count);
  }

  function showAll() {
    for (const option of list.children) option.hidden = false;
    none.hidden = true;
  }

  input.addEventListener('input', filter);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.isComposing) event.preventDefault();
  });
  list.addEventListener('mousedown', (event) => event.preventDefault());
  list.addEventListener('click', (event) => event.preventDefault());
  list.addEventListener('combobox-commit', (event) => choose(event.target));
  combobox.start();
  return { filter, showAll };
}
