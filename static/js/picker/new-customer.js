/* A new customer: the server's form in a dialog. The customer is created in CRM when the record is saved. */
import { showDialog } from '../core/dialogs.js';
import { swap } from '../core/fragments.js';
import { openInPortal } from '../portal/frame.js';
import { actionOf, onRetry, postForParts } from '../core/request.js';
import { rowOf } from './hits.js';

/** The fields of forms that were closed with Escape, by the words they were opened with.
    @type {Map<string, FormData>} */
const typed = new Map();

/** Opens the form with what stands in the picker's field; the customer is picked when the form is right.
    @param {HTMLInputElement} input @param {PickerForm} picker */
export async function createCustomer(input, picker) {
  const text = input.value.trim();
  const opened = await postForParts(input.dataset.new, picker.fields(text));
  if (!input.isConnected) return;
  const dialog = opened.find((part) => part instanceof HTMLDialogElement);
  if (!dialog) {
    onRetry(opened, () => createCustomer(input, picker));
    swap(opened);
    return;
  }
  const form = new NewCustomer(dialog, () => picker.fields(text));
  const rows = await form.open(typed.get(text));
  typed.clear();
  if (form.keeps) typed.set(text, form.values);
  if (!input.isConnected) return;
  if (rows.length) input.value = '';
  if (rows.length || form.fullFormWasOpened) input.focus({ preventScroll: true });
  // A customer who was created in the portal's own form is found by the text that was typed here.
  if (form.fullFormWasOpened) input.dispatchEvent(new Event('input', { bubbles: true }));
  for (const row of rows) picker.pick(row);
}

/** The form, from its opening to the rows that come of it. */
export class NewCustomer {
  #dialog;
  #fields;
  /** The rows, and what belongs to them.
      @type {HTMLElement[]} */
  #taken = [];
  #asked = false;
  fullFormWasOpened = false;

  /** @param {HTMLDialogElement} dialog
      @param {() => Iterable<[string, string]>} fields what the server has to know of the record */
  constructor(dialog, fields) {
    this.#dialog = dialog;
    this.#fields = fields;
  }

  get #form() {
    return /** @type {HTMLFormElement} */ (this.#dialog.querySelector('form#draft-form'));
  }

  /** Whether what was typed is worth keeping: the form was closed, but not with *Cancel*. */
  get keeps() {
    return !this.#taken.length && this.#dialog.returnValue !== 'cancel';
  }

  get values() {
    const values = new FormData(this.#form);
    values.delete('new_attempt');
    return values;
  }

  /** Resolves to the row of the customer, and what came with it; to nothing when the form was closed.
      @param {FormData} [before] what was typed earlier */
  async open(before) {
    const dialog = this.#dialog;
    document.getElementById('app').append(dialog);
    if (before) fillIn(this.#form, before);
    this.#listen();
    this.#lookAgain();
    await showDialog(dialog);
    dialog.remove();
    return this.#taken;
  }

  #listen() {
    const dialog = this.#dialog;
    dialog.addEventListener('submit', (event) => {
      const { target, submitter } = event;
      event.stopPropagation();
      if (submitter?.formMethod === 'dialog') return;
      event.preventDefault();
      if (this.#canBeReached(target)) this.#send(target, submitter);
    });
    dialog.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      if (event.repeat || (event.target.matches('.field') && this.#goOn(event.target))) event.preventDefault();
    });
    dialog.addEventListener('click', (event) => {
      const { target, detail } = event;
      // The second click of a double click answers no question, and neither does a key that is held down.
      if (detail > 1) event.preventDefault();
      const taken = target.closest('[data-take]')?.parentElement;
      if (taken) this.#close([rowOf(taken)]);
      const path = target.closest('[data-full-form]')?.dataset.fullForm;
      if (path) this.#openFullForm(path);
    });
  }

  /** Enter goes from field to field until there is a phone or an e-mail; returns whether it went on.
      @param {HTMLElement} field */
  #goOn(field) {
    const fields = [...this.#form.querySelectorAll('.field')].filter((one) => one.checkVisibility());
    const next = fields[fields.indexOf(field) + 1];
    if (reachedBy(this.#form) || !next) return false;
    next.focus();
    return true;
  }

  /** Asks once, however the form was sent, before a customer is created without a phone and an e-mail.
      @param {HTMLFormElement} form */
  #canBeReached(form) {
    const question = form.querySelector('[data-unreachable]');
    if (!question || this.#asked || reachedBy(form)) return true;
    question.hidden = false;
    this.#asked = true;
    return false;
  }

  /** Creating a customer twice is worse than waiting: one request at a time, whatever is pressed.
      @param {HTMLFormElement} form @param {HTMLButtonElement | null} submitter */
  async #send(form, submitter) {
    const dialog = this.#dialog;
    if (dialog.ariaBusy === 'true') return;
    const body = new FormData(form, submitter);
    for (const [name, value] of this.#fields()) body.append(name, value);
    dialog.ariaBusy = 'true';
    const parts = await postForParts(actionOf(form), body);
    dialog.ariaBusy = null;
    // Another record may be open by now.
    if (!dialog.isConnected) return;
    onRetry(parts, () => this.#send(form, submitter));
    const draft = parts.find((part) => part.id === 'draft');
    const rows = rowsIn(parts);
    if (draft) {
      dialog.replaceChildren(...draft.childNodes);
      dialog.querySelector('[data-focus]')?.focus();
      this.#lookAgain();
    } else if (rows.length) {
      this.#close(rows);
    } else {
      dialog.querySelector('#draft-said')?.replaceChildren(...parts.at(-1)?.childNodes ?? []);
    }
  }

  /** Presses *Try again* by itself, unless the form is another one by then. */
  #lookAgain() {
    const button = /** @type {HTMLButtonElement | null} */ (this.#dialog.querySelector('[data-press-after]'));
    if (!button) return;
    const pressIt = () => { if (this.#dialog.open && button.isConnected) button.click(); };
    setTimeout(pressIt, Number(button.dataset.pressAfter) * 1000);
  }

  /** @param {HTMLElement[]} rows */
  #close(rows) {
    this.#taken = rows;
    this.#dialog.close();
  }

  /** @param {string} path */
  async #openFullForm(path) {
    await openInPortal(path).catch(() => {});
    this.fullFormWasOpened = true;
    this.#dialog.close();
  }
}

/** Returns the rows in an answer, followed by what came with them.
    @param {HTMLElement[]} parts @returns {HTMLElement[]} */
export function rowsIn(parts) {
  const picked = parts.find((part) => part.id === 'picked');
  const rows = /** @type {HTMLElement[]} */ ([...picked?.children ?? []]);
  return rows.length ? [...rows, ...parts.filter((part) => part.matches('.card-offer'))] : [];
}

/** Returns whether the form holds a phone or an e-mail.
    @param {HTMLFormElement} form */
const reachedBy = (form) => ['new_phone', 'new_email'].some((name) => String(new FormData(form).get(name) ?? '').trim());

/** @param {HTMLFormElement} form @param {FormData} values */
function fillIn(form, values) {
  for (const [name, value] of values) {
    const field = form.elements.namedItem(name);
    if (name.startsWith('new_') && (field instanceof HTMLInputElement || field instanceof RadioNodeList)) {
      field.value = String(value);
    }
  }
}
