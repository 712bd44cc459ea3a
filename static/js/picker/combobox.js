/* "Add a customer": a field that searches in CRM. Customers whom this user has just seen are shown at
   once; the answer of the portal follows and keeps the chosen one. */
import { load } from '../core/load.js';
import { pointerReleased } from '../core/pointer.js';
import { onRetry, postForParts } from '../core/request.js';
import { isEnough } from '../core/text-match.js';
import { Hits, rowOf } from './hits.js';

const DEBOUNCE = 150;

/** Makes a field search. What stands in it is searched at once; if Enter was pressed for that
    (`entered`), the first hit is taken, and saved if the keys for *Save* were pressed too.
    @param {HTMLInputElement} input @param {PickerForm} form @param {string} entered
    @param {boolean} saves */
export function attachCombobox(input, form, entered, saves) {
  new CustomerSearch(input, form).start(entered, saves);
}

class CustomerSearch {
  #input;
  #form;
  #hits;
  #request = new AbortController();
  #timer = 0;
  /** The query whose hits are shown.
      @type {string | null} */
  #shown = null;
  /** Enter was pressed before the hits were there: the first is taken when it comes. */
  #takeFirst = false;
  /** The keys for *Save* followed: once the first is taken, the record is saved. */
  #saves = false;
  /** The arrow key opened the list, so its first hit is chosen. Only then is said what to type. */
  #byArrow = false;

  /** @param {HTMLInputElement} input @param {PickerForm} form */
  constructor(input, form) {
    this.#input = input;
    /** @type {PickerForm} */
    this.#form = { ...form, pick: (row) => this.#pick(form, row) };
    this.#hits = new Hits(input, (hit) => this.#take(hit));
  }

  /** @param {string} entered @param {boolean} saves */
  start(entered, saves) {
    const input = this.#input;
    input.addEventListener('input', () => this.#onInput());
    input.addEventListener('keydown', (event) => this.#onKey(event));
    input.addEventListener('click', () => this.#hits.isOpen || this.#search());
    input.addEventListener('blur', () => this.#close());
    document.getElementById('choose-in-crm').addEventListener('click', () => load(() => import('./portal-dialog.js'), import.meta.resolve('./portal-dialog.js'), (it) => it.chooseInPortal(input, this.#form)));
    if (input.value) {
      this.#takeFirst = entered === input.value && isEnough(this.#query);
      this.#saves = saves;
      this.#search();
    }
  }

  get #query() {
    return this.#input.value.trim();
  }

  #onInput() {
    this.#forgetEnter();
    if (!isEnough(this.#query)) {
      this.#close();
      return;
    }
    this.#cancel();
    this.#ask(this.#input.dataset.seen);
    this.#timer = setTimeout(() => this.#ask(this.#input.dataset.url), DEBOUNCE);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const query = this.#query;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      if (!this.#takeFirst) return;
      event.preventDefault();
      this.#saves = true;
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (!isEnough(query) || query === this.#shown) return;
      this.#takeFirst = true;
      this.#search();
    } else if (event.key === 'Escape' && this.#hits.isOpen) {
      event.stopPropagation();
      this.#close();
      // Enter does not search again for what Escape has just refused.
      this.#shown = query;
    } else if (event.key === 'Backspace' && !this.#input.value && !event.repeat) {
      this.#form.backspace();
    } else if (event.key === 'ArrowDown' && !this.#hits.isOpen) {
      event.preventDefault();
      this.#byArrow = !query;
      this.#search();
    }
  }

  #search() {
    this.#cancel();
    const { url, recent } = this.#input.dataset;
    this.#ask(this.#query ? url : recent);
  }

  /** @param {string} url */
  async #ask(url) {
    const isSeen = url === this.#input.dataset.seen;
    const { signal } = this.#request;
    const query = this.#query;
    this.#setBusy(true);
    const parts = await postForParts(url, this.#form.fields(query), signal);
    await pointerReleased();
    if (signal.aborted || !this.#input.isConnected) return;
    const found = parts.find((part) => part.id === 'hits');
    if (!isSeen) this.#cancel();
    const mayBeSilent = isSeen || (found && !query && !this.#byArrow);
    if (mayBeSilent && !found?.querySelector('[role=option]')) return;
    this.#shown = found ? query : null;
    // A failure is shown here, not at its own place on the page.
    if (!found) for (const part of parts) part.removeAttribute('id');
    onRetry(parts, () => this.#search());
    this.#hits.show([...found?.childNodes ?? parts], { enter: Boolean(this.#shown), first: this.#byArrow });
    this.#byArrow = false;
    if (isSeen) return;
    this.#form.announce(found?.dataset.said ?? '');
    const saves = this.#saves;
    if (this.#takeFirst && this.#hits.takeFirst() && saves) this.#form.save();
    this.#forgetEnter();
  }

  #forgetEnter() {
    this.#takeFirst = false;
    this.#saves = false;
  }

  /** @param {HTMLElement} hit */
  #take(hit) {
    if (hit.dataset.key === 'new') {
      this.#close();
      load(() => import('./new-customer.js'), import.meta.resolve('./new-customer.js'), (it) => it.createCustomer(this.#input, this.#form));
      return;
    }
    this.#input.value = '';
    this.#close();
    this.#input.focus();
    this.#form.pick(rowOf(hit));
  }

  /** @param {PickerForm} form @param {HTMLElement} row */
  #pick(form, row) {
    form.pick(row);
    if (!row.dataset.key.startsWith('COMPANY') || row.dataset.draft) return;
    load(() => import('./contact-persons.js'), import.meta.resolve('./contact-persons.js'), (it) => it.offerPersons(row, this.#input, this.#form));
  }

  #close() {
    this.#cancel();
    this.#shown = null;
    this.#forgetEnter();
    this.#byArrow = false;
    this.#hits.close();
  }

  #cancel() {
    clearTimeout(this.#timer);
    this.#setBusy(false);
    this.#request.abort();
    this.#request = new AbortController();
  }

  /** @param {boolean} on */
  #setBusy(on) {
    this.#input.parentElement?.toggleAttribute('data-busy', on);
  }
}
