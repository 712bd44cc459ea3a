/* The customers that were found, below the picker's field: an ARIA combobox. */
import Combobox from '../../vendor/combobox-nav.js';
import { copyOf } from '../core/fragments.js';

/** Returns the finished row that a found customer brings along in a <template>.
    @param {HTMLElement | null} found */
export function rowOf(found) {
  const template = found?.querySelector('template');
  const row = template && copyOf(template)[0];
  if (!row) throw new Error('this customer has no row');
  return row;
}

export class Hits {
  #popup = document.getElementById('hits');
  #input;
  /** @type {Combobox | null} */
  #combobox = null;

  /** `take` gets the hit that is chosen.
      @param {HTMLInputElement} input @param {(hit: HTMLElement) => void} take */
  constructor(input, take) {
    this.#input = input;
    // The focus stays in the field.
    this.#popup.addEventListener('mousedown', (event) => event.preventDefault());
    this.#popup.addEventListener('click', (event) => {
      if (event.target.closest('button')) event.preventDefault();
    });
    this.#popup.addEventListener('combobox-commit', (event) => take(event.target));
  }

  get isOpen() {
    return !this.#popup.hidden;
  }

  /** Puts hits, or what went wrong, into the list. The hit that was chosen before stays chosen.
      @param {Node[]} parts @param {{ enter: boolean, first: boolean }} options see `listen` */
  show(parts, options) {
    const chosen = this.#find('[aria-selected=true]')?.dataset.key;
    this.#combobox?.stop();
    this.#popup.replaceChildren(...parts);
    this.#popup.hidden = false;
    this.listen(options, chosen);
    document.dispatchEvent(new Event('overlaychange'));
  }

  /** Makes the keys work on the hits. With `enter`, Enter takes the first customer; with `first`, it is
      chosen from the beginning.
      @param {{ enter: boolean, first: boolean }} options @param {string} [chosen] */
  listen({ enter, first }, chosen) {
    const list = this.#popup.querySelector('[role=listbox]');
    if (!list) return;
    const hits = /** @type {HTMLElement[]} */ ([...list.children]);
    for (const hit of hits) hit.tabIndex = -1;
    // Enter alone never creates a customer.
    const takes = enter && this.#find(':not([aria-disabled]):not([data-key=new])');
    this.#combobox = new Combobox(this.#input, list, {
      firstOptionSelectionMode: takes ? 'active' : 'none', tabInsertsSuggestions: false,
    });
    this.#combobox.start();
    const place = first ? 0 : hits.findIndex((hit) => hit.dataset.key === chosen);
    for (let steps = 0; steps <= place; steps += 1) this.#combobox.navigate();
  }

  /** Takes the first customer; returns whether there is one. */
  takeFirst() {
    const first = this.#find('[data-combobox-option-default]');
    first?.click();
    return Boolean(first);
  }

  close() {
    this.#combobox?.stop();
    if (!this.isOpen) return;
    this.#popup.hidden = true;
    document.dispatchEvent(new Event('overlaychange'));
  }

  /** @param {string} state */
  #find(state) {
    return this.#popup.querySelector(`[role=option]${state}`);
  }
}
