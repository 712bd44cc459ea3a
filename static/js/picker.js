/* "Add a customer": an ARIA combobox over what the server finds. */
import Combobox from '../vendor/combobox-nav.js';
import { swap } from './fragments.js';
import { post } from './request.js';

const DEBOUNCE = 150;
const SHORTEST = 2;

/** Makes the open editor's field search. `pick` gets the finished row of the chosen customer,
    `backspace` is called when Backspace is pressed in the empty field. */
export function attachPicker({ fields, pick, backspace, announce }) {
  const input = document.getElementById('add-customer');
  const list = document.getElementById('hits');
  const combobox = new Combobox(input, list, { firstOptionSelectionMode: 'active', tabInsertsSuggestions: false });
  let asking = null;
  let timer = 0;
  let answered = null;
  let takeFirst = false;

  const query = () => input.value.trim();

  function close() {
    clearTimeout(timer);
    asking?.abort();
    answered = null;
    takeFirst = false;
    if (list.hidden) return;
    combobox.stop();
    list.hidden = true;
    document.dispatchEvent(new Event('overlaychange'));
  }

  function show(part) {
    combobox.stop();
    list.replaceChildren(...part.childNodes);
    for (const option of list.querySelectorAll('[role=option]')) option.tabIndex = -1;
    list.hidden = false;
    combobox.start();
    announce(part.dataset.said);
    document.dispatchEvent(new Event('overlaychange'));
  }

  async function search() {
    clearTimeout(timer);
    asking?.abort();
    const wanted = query();
    asking = new AbortController();
    const answer = await post(input.dataset.url, fields(wanted), asking);
    if (!answer || !input.isConnected || wanted !== query()) return;
    const part = answer.parts.find((one) => one.id === 'hits');
    if (!part) {
      swap(answer.parts);
      return;
    }
    answered = wanted;
    show(part);
    if (takeFirst) list.querySelector('[role=option]:not([aria-disabled=true])')?.click();
    takeFirst = false;
  }

  input.addEventListener('input', () => {
    takeFirst = false;
    if (query().length < SHORTEST) {
      close();
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(search, DEBOUNCE);
  });

  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      // Who types fast presses Enter before the hits are there.
      if (query().length >= SHORTEST && query() !== answered) {
        takeFirst = true;
        search();
      }
    } else if (event.key === 'Escape' && !list.hidden) {
      event.stopPropagation();
      close();
    } else if (event.key === 'Backspace' && !input.value && !event.repeat) {
      backspace();
    } else if (event.key === 'ArrowDown' && list.hidden && query().length >= SHORTEST) {
      search();
    }
  });

  list.addEventListener('mousedown', (event) => event.preventDefault());
  list.addEventListener('click', (event) => event.preventDefault());
  list.addEventListener('combobox-commit', (event) => {
    const row = event.target.querySelector('template').content.firstElementChild;
    input.value = '';
    close();
    input.focus();
    pick(document.importNode(row, true));
  });
  input.addEventListener('blur', close);
  list.dataset.overlay = '';
  if (!list.hidden) combobox.start();
}
