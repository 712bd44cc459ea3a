/* "Add a customer": an ARIA combobox over what the server finds. Customers whom this user has just
   seen are shown at once, what the portal knows of follows and keeps the chosen one. */
import Combobox from '../../vendor/combobox-nav.js';
import { partsOf } from '../core/ask.js';
import { inPortal } from '../core/portal-frame.js';
import { onRetry, tell } from '../core/request.js';

const DEBOUNCE = 150;
const SHORTEST = 2;

/** Makes a field search. `fields` gives what the server wants to know beside the query, `pick` gets
    the finished row of a chosen customer, `backspace` is called when Backspace is pressed in the
    empty field. */
export function attachCombobox(input, { fields, pick, backspace, announce }) {
  const popup = document.getElementById('hits');
  const dialog = document.getElementById('choose-in-crm');
  let combobox = null;
  let asking = null;
  let timer = 0;
  let shown = null;
  let takeFirst = false;
  let byKey = false;

  const query = () => input.value.trim();
  const option = (state) => popup.querySelector(`[role=option]${state}`);
  const desk = { input, fields, pick: take, announce };

  // What is seldom needed is loaded when it is.
  const load = (module, use) => import(module).then(use, () => tell('offline', () => load(module, use)));

  function take(row) {
    pick(row);
    if (row.dataset.key.startsWith('COMPANY')) load('./contact-persons.js', (it) => it.offerPersons(row, desk));
  }

  const busy = (on) => input.parentElement.toggleAttribute('data-busy', on);

  function forget() {
    clearTimeout(timer);
    busy(false);
    asking?.abort();
    asking = new AbortController();
  }

  function close() {
    forget();
    shown = null;
    takeFirst = false;
    byKey = false;
    combobox?.stop();
    if (popup.hidden) return;
    popup.hidden = true;
    document.dispatchEvent(new Event('overlaychange'));
  }

  function show(...parts) {
    const chosen = option('[aria-selected=true]')?.dataset.key;
    combobox?.stop();
    popup.replaceChildren(...parts);
    popup.hidden = false;
    const list = popup.querySelector('[role=listbox]');
    if (list) listen(list, chosen);
    document.dispatchEvent(new Event('overlaychange'));
  }

  function listen(list, chosen) {
    const hits = [...list.children];
    for (const hit of hits) hit.tabIndex = -1;
    // Nobody is added by an Enter in the empty field, and nobody made who is here already.
    const first = shown && (hits.length < 2 || option(':not([aria-disabled]):not([data-key=new])'));
    combobox = new Combobox(input, list, { firstOptionSelectionMode: first ? 'active' : 'none', tabInsertsSuggestions: false });
    combobox.start();
    const place = byKey ? 0 : hits.findIndex((hit) => hit.dataset.key === chosen);
    for (let steps = 0; steps <= place; steps += 1) combobox.navigate();
    byKey = false;
  }

  async function ask(url) {
    const glance = url === input.dataset.seen;
    const { signal } = asking;
    const wanted = query();
    busy(true);
    const parts = await partsOf(url, fields(wanted), signal);
    if (signal.aborted || !input.isConnected) return;
    const hits = parts.find((part) => part.id === 'hits');
    if (glance && !hits?.querySelector('[role=option]')) return;
    if (!glance) forget();
    shown = hits ? wanted : null;
    // A failure has a place of its own on the page, and its id with it.
    if (!hits) for (const part of parts) part.removeAttribute('id');
    onRetry(parts, search);
    show(...(hits?.childNodes ?? parts));
    if (glance) return;
    announce(hits?.dataset.said ?? '');
    if (takeFirst) option('[data-combobox-option-default]')?.click();
    takeFirst = false;
  }

  function search() {
    forget();
    ask(query() ? input.dataset.url : input.dataset.recent);
  }

  input.addEventListener('input', () => {
    takeFirst = false;
    if (query().length < SHORTEST) {
      close();
      return;
    }
    forget();
    ask(input.dataset.seen);
    timer = setTimeout(ask, DEBOUNCE, input.dataset.url);
  });

  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      // Who types fast presses Enter before the hits are there.
      if (query().length >= SHORTEST && query() !== shown) {
        takeFirst = true;
        search();
      }
    } else if (event.key === 'Escape' && !popup.hidden) {
      event.stopPropagation();
      close();
      // Enter adds nobody whom Escape has just refused.
      shown = query();
    } else if (event.key === 'Backspace' && !input.value && !event.repeat) {
      backspace();
    } else if (event.key === 'ArrowDown' && popup.hidden) {
      event.preventDefault();
      byKey = !query();
      search();
    }
  });

  input.addEventListener('click', () => popup.hidden && search());
  popup.addEventListener('mousedown', (event) => event.preventDefault());
  popup.addEventListener('click', (event) => {
    if (event.target.closest('button')) event.preventDefault();
  });
  popup.addEventListener('combobox-commit', ({ target }) => {
    if (target.dataset.key === 'new') {
      close();
      load('./new-customer.js', (it) => it.createCustomer(desk));
      return;
    }
    input.value = '';
    close();
    input.focus();
    take(document.importNode(target.querySelector('template').content.firstElementChild, true));
  });
  input.addEventListener('blur', close);
  if (inPortal()) dialog.hidden = false;
  dialog.addEventListener('click', () => load('./portal-dialog.js', (it) => it.chooseInPortal(desk)));
  forget();
  if (!popup.hidden) {
    shown = query();
    listen(popup.querySelector('[role=listbox]'));
  } else if (input.value) {
    search();
  }
}
