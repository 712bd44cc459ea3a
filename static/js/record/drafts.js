/* New customers on the record: they are created in CRM just before the record is saved. If the record is
   not saved after all, or that is undone, the page offers to delete their cards again. */
import * as customers from './customers.js';
import { showChanges } from './changes.js';
import './removal/toasts.js';
import { swap } from '../core/fragments.js';
import { actionOf, onRetry, post, postForParts } from '../core/request.js';
import { expireUndo } from '../core/undo-offer.js';
import { NewCustomer, rowsIn } from '../picker/new-customer.js';

/** Cards that were created for the record that is shown, by the key of the customer.
    @type {Map<string, { offer: HTMLFormElement, record: string, saved: boolean }>} */
const cards = new Map();
const shown = () => document.getElementById('record').dataset.record ?? '';

/** Creates the new customers one by one; resolves to whether the record can be saved now.
    @param {() => URLSearchParams} fields what the server has to know of the record
    @param {() => unknown} again saves the record */
export async function createDrafts(fields, again) {
  for (const row of customers.drafts()) {
    const body = fields();
    for (const [name, value] of new URLSearchParams(row.dataset.draft)) body.append(name, value);
    const parts = await postForParts(row.dataset.url, body);
    const dialog = parts.find((part) => part instanceof HTMLDialogElement);
    const [made, ...offers] = dialog ? await new NewCustomer(dialog, fields).open() : rowsIn(parts);
    if (!made) {
      onRetry(parts, again);
      if (!dialog) swap(parts);
      return false;
    }
    replace(row, made);
    for (const offer of offers) keep(/** @type {HTMLFormElement} */ (offer));
  }
  return true;
}

/** @param {HTMLElement} row @param {HTMLElement} made */
function replace(row, made) {
  if (customers.rows().some((one) => one.dataset.key === made.dataset.key)) row.remove();
  else row.replaceWith(made);
  customers.refresh();
  showChanges();
}

/** @param {HTMLFormElement} offer */
function keep(offer) {
  cards.set(offer.dataset.key, { offer, record: shown(), saved: false });
  offer.addEventListener('submit', async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const remove = () => post(actionOf(offer), new FormData(offer), { again: remove });
    const answer = await remove();
    if (answer) swap(answer.parts);
    expireUndo();
  });
  offer.querySelector('[type=button]')?.addEventListener('click', () => offer.remove());
}

/** Offers to delete cards that are not on their record any more. */
function offerDeletions() {
  const there = document.getElementById('customers') ? customers.rows().map((row) => row.dataset.key) : [];
  const id = shown();
  for (const [key, card] of cards) {
    if (there.includes(key)) {
      card.record = id;
      continue;
    }
    cards.delete(key);
    // Another record was opened after this one had been saved: the card has done its duty.
    if (card.saved && card.record !== id && !document.querySelector('.after-removal')) continue;
    swap([card.offer]);
  }
}

document.addEventListener('recordshown', offerDeletions);
document.addEventListener('recordsaved', () => {
  for (const card of cards.values()) card.saved = true;
});
