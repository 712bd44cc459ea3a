/* A new customer, created without leaving the record: the server's form in a dialog. */
import { showDialog } from '../core/dialogs.js';
import { swap } from '../core/fragments.js';
import { openInPortal } from '../portal/frame.js';
import { actionOf, onRetry, postForParts } from '../core/request.js';
import { rowOf } from './hits.js';

/** What was sent without success before the form was closed, and the words it was opened with.
    @type {{ text: string, values: FormData } | null} */
let unfinished = null;
/** What was typed before the form was closed with Escape, by the words it was opened with.
    @type {Map<string, FormData>} */
const typed = new Map();

/** Opens the form with what stands in the picker's field; the customer is picked when created.
    @param {HTMLInputElement} input @param {PickerForm} picker */
export async function createCustomer(input, picker) {
  const text = input.value.trim();
  const query = picker.fields(text);
  // The next form continues the same attempt, so that no customer is created twice.
  if (unfinished) query.append('new_attempt', String(unfinished.values.get('new_attempt')));
  const opened = await postForParts(input.dataset.new, query);
  if (!input.isConnected) return;
  const dialog = opened.find((part) => part instanceof HTMLDialogElement);
  if (dialog) {
    new NewCustomer(dialog, input, picker, text).open();
    return;
  }
  onRetry(opened, () => createCustomer(input, picker));
  swap(opened);
}

class NewCustomer {
  #dialog;
  #input;
  #picker;
  #text;
  /** Whether the form was sent and nothing came of it yet. */
  #sent = false;
  #taken = false;

  /** @param {HTMLDialogElement} dialog @param {HTMLInputElement} input @param {PickerForm} picker
      @param {string} text */
  constructor(dialog, input, picker, text) {
    this.#dialog = dialog;
    this.#input = input;
    this.#picker = picker;
    this.#text = text;
  }

  get #form() {
    return /** @type {HTMLFormElement} */ (this.#dialog.querySelector('form#draft-form'));
  }

  open() {
    const dialog = this.#dialog;
    document.getElementById('app').append(dialog);
    const before = unfinished?.text === this.#text ? unfinished.values : typed.get(this.#text);
    if (before) fillIn(this.#form, before);
    showDialog(dialog).then(() => {
      const values = new FormData(this.#form);
      if (this.#sent) unfinished = { text: this.#text, values: new FormData(this.#form) };
      values.delete('new_attempt');
      typed.clear();
      if (!this.#taken && dialog.returnValue !== 'cancel') typed.set(this.#text, values);
      dialog.remove();
    });
    dialog.addEventListener('submit', (event) => {
      const { target, submitter } = event;
      event.stopPropagation();
      if (submitter?.formMethod === 'dialog') return;
      event.preventDefault();
      // Enter presses the first button, which is not on the screen.
      if (submitter?.matches('.unseen') && !this.#canBeReached(target)) return;
      this.#send(target, submitter);
    });
    dialog.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && event.target.matches('.field') && this.#goOn(event.target)) event.preventDefault();
    });
    dialog.addEventListener('click', ({ target }) => {
      const taken = target.closest('[data-take]')?.parentElement;
      if (taken) this.#done([rowOf(taken)]);
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

  /** Asks once before a customer is created that nobody could call.
      @param {HTMLFormElement} form */
  #canBeReached(form) {
    const question = form.querySelector('[data-unreachable]');
    if (reachedBy(form) || !question?.hidden) return true;
    question.hidden = false;
    return false;
  }

  /** Creating a customer twice is worse than waiting: one request at a time, whatever is pressed.
      @param {HTMLFormElement} form @param {HTMLButtonElement | null} submitter */
  async #send(form, submitter) {
    const dialog = this.#dialog;
    if (dialog.ariaBusy === 'true') return;
    const body = new FormData(form, submitter);
    for (const [name, value] of this.#picker.fields(this.#text)) body.append(name, value);
    dialog.ariaBusy = 'true';
    this.#sent = true;
    const parts = await postForParts(actionOf(form), body);
    dialog.ariaBusy = null;
    // Another record may be open by now.
    if (!this.#input.isConnected) return;
    onRetry(parts, () => this.#send(form, submitter));
    const draft = parts.find((part) => part.id === 'draft');
    const picked = parts.find((part) => part.id === 'picked');
    if (draft) {
      dialog.replaceChildren(...draft.childNodes);
      dialog.querySelector('[data-focus]')?.focus();
      this.#lookAgain();
    } else if (picked?.children.length) {
      this.#done(/** @type {HTMLElement[]} */ ([...picked.children]));
    } else {
      dialog.querySelector('#draft-said')?.replaceChildren(...parts.at(-1)?.childNodes ?? []);
    }
  }

  /** Presses *Try again* by itself, unless the form is another one by then. */
  #lookAgain() {
    const button = /** @type {HTMLButtonElement | null} */ (this.#dialog.querySelector('[data-look-again]'));
    if (!button) return;
    const pressIt = () => { if (this.#dialog.open && button.isConnected) button.click(); };
    setTimeout(pressIt, Number(button.dataset.lookAgain) * 1000);
  }

  /** @param {HTMLElement[]} rows */
  #done(rows) {
    unfinished = null;
    this.#taken = true;
    this.#sent = false;
    this.#dialog.close();
    this.#input.value = '';
    this.#input.focus({ preventScroll: true });
    for (const row of rows) this.#picker.pick(row);
  }

  /** Searches again afterwards: who was created there is found by what was typed here.
      @param {string} path */
  async #openFullForm(path) {
    await openInPortal(path).catch(() => {});
    this.#dialog.close();
    this.#input.focus();
    this.#input.dispatchEvent(new Event('input', { bubbles: true }));
  }
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
