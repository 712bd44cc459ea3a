/* What the tabs in CRM cards have in common: forms are sent in the background, and what comes back
   takes its place. */
import { dialogIsOpen } from '../core/dialogs.js';
import { clearProblem, swap } from '../core/fragments.js';
import { joinPortal } from '../core/portal.js';
import { actionOf, onRetry, post } from '../core/request.js';
import { expireUndo, pressUndo } from '../core/undo-offer.js';

const app = document.getElementById('app');
let sending = false;

/** Starts the tab. `submit` gets each form and the button that was pressed.
    @param {(form: HTMLFormElement, submitter: HTMLButtonElement | null) => unknown} submit */
export function startTab(submit) {
  document.addEventListener('submit', (event) => {
    if (event.submitter?.hasAttribute('data-page')) return;
    event.preventDefault();
    submit(event.target, event.submitter);
  });
  onRetry([app], () => location.reload());
  document.addEventListener('keydown', (event) => {
    const undoes = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z';
    if (!undoes || dialogIsOpen() || event.target.matches('input:not([type=checkbox]), textarea')) return;
    event.preventDefault();
    pressUndo();
  });
  document.dispatchEvent(new Event('scriptready'));
  joinPortal();
}

/** Sends a form and shows what comes back; resolves to whether it was done. `more` are fields that
    stand for what the page shows. A second press while the first is under way does nothing.
    @param {HTMLFormElement} form @param {HTMLButtonElement | null} submitter @param {string[][]} [more] */
export function sendForm(form, submitter, more = [], url = actionOf(form, submitter)) {
  const fields = new FormData(form, submitter);
  for (const [name = '', value = ''] of more) fields.append(name, value);
  return sendFields(url, fields);
}

/** @param {string} url @param {FormData} fields @returns {Promise<boolean>} */
async function sendFields(url, fields) {
  if (sending) return false;
  sending = true;
  clearProblem();
  app.ariaBusy = 'true';
  const again = (/** @type {boolean} */ anyway) => {
    if (anyway) fields.set('anyway', '1');
    return sendFields(url, fields);
  };
  const answer = await post(url, fields, { again });
  sending = false;
  app.ariaBusy = null;
  if (answer) swap(answer.parts);
  expireUndo();
  return Boolean(answer?.ok);
}
