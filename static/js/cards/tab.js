/* Shared by the tabs in CRM cards: sends forms in the background, and puts the parts of the answer in
   place. */
import { clearProblem, swap } from '../core/fragments.js';
import { dialogIsOpen, isUndo } from '../core/keys.js';
import { joinPortal } from '../portal/join.js';
import { actionOf, CALM, onRetry, post } from '../core/request.js';
import { expireUndo, pressUndo } from '../core/undo-offer.js';

const app = document.getElementById('app');
let sending = false;
let withoutPanel = false;

/** Starts the tab. `submit` gets each form and the button that was pressed.
    @param {(form: HTMLFormElement, submitter: HTMLButtonElement | null) => unknown} submit */
export function startTab(submit) {
  document.addEventListener('submit', (event) => {
    const { target, submitter } = event;
    const loading = submitter?.hasAttribute('data-page') ? submitter : null;
    if (loading && !sidePanelWorks(loading)) return;
    event.preventDefault();
    if (loading) open(loading);
    else submit(target, submitter);
  });
  onRetry([app], () => location.reload());
  document.addEventListener('keydown', (event) => {
    if (!isUndo(event) || dialogIsOpen() || event.target.matches('input:not([type=checkbox]), textarea')) return;
    event.preventDefault();
    pressUndo();
  });
  document.dispatchEvent(new Event('scriptready'));
  joinPortal();
  setTimeout(() => import('../booking/next-bookings.js').catch(() => {}), CALM);
}

/** Whether a button that loads a page can show it in a panel of the portal instead.
    @param {HTMLButtonElement} button */
const sidePanelWorks = (button) => ['record', 'book'].includes(button.name) && window.parent !== window && !withoutPanel;

/** Opens a record beside the card; in its place where the portal does not answer.
    @param {HTMLButtonElement} button */
async function open(button) {
  try {
    // A button without a record of its own is about the one that is chosen.
    const record = button.value || String(new FormData(button.form ?? undefined).get('record'));
    await (await import('../portal/side-panel.js')).openInSidePanel(record, button.name);
  } catch {
    withoutPanel = true;
    button.click();
  }
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
