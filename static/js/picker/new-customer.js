/* A new customer, made without leaving the record: a form of the server's in a dialog. */
import { partsOf } from '../core/ask.js';
import { showDialog } from '../core/dialogs.js';
import { openInPortal } from '../core/portal-frame.js';
import { swap } from '../core/fragments.js';
import { onRetry } from '../core/request.js';

// What was sent and came to no good end before the form was closed, and for which words.
let left = null;

/** Opens the form with what stands in the picker's field; the customer is picked when made. */
export async function createCustomer(desk) {
  const { input, fields, pick } = desk;
  const text = input.value.trim();
  const query = fields(text);
  // The next form goes on with the same attempt, so that nobody is made twice.
  if (left) query.append('new_attempt', left.values.get('new_attempt'));
  const opened = await partsOf(input.dataset.new, query);
  const dialog = opened.find((part) => part.id === 'draft');
  if (!input.isConnected) return;
  if (!dialog) {
    onRetry(opened, () => createCustomer(desk));
    swap(opened);
    return;
  }
  const form = () => dialog.querySelector('#draft-form');
  let sent = false;
  document.getElementById('app').append(dialog);
  if (left?.text === text) fillIn(form(), left.values);
  showDialog(dialog).then(() => {
    if (sent) left = { text, values: new FormData(form()) };
    dialog.remove();
  });

  function done(rows) {
    left = null;
    sent = false;
    dialog.close();
    input.value = '';
    input.focus({ preventScroll: true });
    for (const row of rows) pick(row);
  }

  function show(part) {
    dialog.replaceChildren(...part.childNodes);
    dialog.querySelector('[data-focus]')?.focus();
  }

  // Making a customer twice is worse than waiting: one request at a time, whatever is pressed.
  async function send(source, submitter) {
    if (dialog.ariaBusy === 'true') return;
    const body = new FormData(source, submitter);
    for (const [name, value] of fields(text)) body.append(name, value);
    dialog.ariaBusy = 'true';
    sent = true;
    const parts = await partsOf(source.getAttribute('action'), body);
    dialog.ariaBusy = null;
    // Another record may be open by now.
    if (!input.isConnected) return;
    onRetry(parts, () => send(source, submitter));
    const [draft, picked] = ['draft', 'picked'].map((id) => parts.find((part) => part.id === id));
    if (draft) show(draft);
    else if (picked?.children.length) done([...picked.children]);
    else dialog.querySelector('#draft-said').replaceChildren(...parts.at(-1).childNodes);
  }

  dialog.addEventListener('submit', (event) => {
    const { target, submitter } = event;
    event.stopPropagation();
    if (submitter?.formMethod === 'dialog') return;
    event.preventDefault();
    if (submitter?.name === 'take') {
      const { content } = submitter.parentElement.querySelector('template');
      done([document.importNode(content.firstElementChild, true)]);
    } else {
      send(target, submitter);
    }
  });

  dialog.addEventListener('click', async (event) => {
    const path = event.target.closest('[data-full-form]')?.dataset.fullForm;
    if (!path) return;
    await openInPortal(path).catch(() => {});
    // What was made there is found by what was typed here.
    dialog.close();
    input.focus();
    input.dispatchEvent(new Event('input', { bubbles: true }));
  });
}

function fillIn(form, values) {
  for (const [name, value] of values) if (name.startsWith('new_')) form.elements[name].value = value;
}
