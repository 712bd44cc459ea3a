/* Shows the open record anew after a colleague has changed it, if the user has typed nothing. */
import { isBusy } from '../record/busy.js';
import { isDirty } from '../record/changes.js';
import { parse, swap, swapRows } from '../core/fragments.js';
import { dialogIsOpen } from '../core/keys.js';
import { postQuietly } from '../core/request.js';

const record = () => document.getElementById('record');

/** Whether the editor can be replaced without a loss: no changes, no open list and no *Undo*. */
const isUntouched = () => !isDirty() && !isBusy() && !dialogIsOpen()
  && !document.querySelector('#undo, #record details[open], #add-customer[aria-expanded=true]')
  && !document.getElementById('add-customer')?.value;

/** Shows the record as it is now; resolves to false where the notice has to be shown instead.
    @param {HTMLElement} change what is said of the change */
export async function refreshRecord(change) {
  const id = record().dataset.record;
  if (!isUntouched()) return false;
  const answer = await postQuietly(change.dataset.refresh, {});
  const parts = parse(await answer.text());
  const editor = parts.find((part) => part.id === 'record');
  if (!answer.ok || !editor || record().dataset.record !== id || !isUntouched()) return false;
  editor.querySelector('#status')?.append(change.querySelector('p') ?? '');
  const focused = document.activeElement;
  const back = record().contains(focused) ? focused?.id : '';
  swapRows(parts.filter((part) => part !== editor));
  swap([editor]);
  document.getElementById(back ?? '')?.focus({ preventScroll: true });
  return true;
}
