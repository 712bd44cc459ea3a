/* What the tabs in CRM cards have in common: their forms are sent in the background, what comes
   back takes its place, and Undo goes away after a while. */
import { dialogIsOpen } from '../core/dialogs.js';
import { followHeight, inPortal, openInPortal } from '../core/portal-frame.js';
import { clearProblem, swap } from '../core/fragments.js';
import { onRetry, post } from '../core/request.js';
import { keepFresh } from '../core/session.js';

const UNDO_SHOWN = 10_000;
const app = document.getElementById('app');
let sending = false;
let timer = 0;

/** `submit` gets each form and the button that was pressed. */
export function startTab(submit) {
  document.addEventListener('submit', (event) => {
    if (event.submitter?.hasAttribute('data-leaves')) return;
    event.preventDefault();
    submit(event.target, event.submitter);
  });
  document.addEventListener('click', (event) => {
    const path = event.target.closest('[data-path]')?.dataset.path;
    if (path) openInPortal(path).catch(() => {});
  });
  onRetry([app], () => location.reload());
  document.addEventListener('keydown', (event) => {
    const undoes = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z';
    if (!undoes || dialogIsOpen() || event.target.matches('input:not([type=checkbox]), textarea')) return;
    event.preventDefault();
    document.getElementById('undo')?.requestSubmit();
  });
  if (!inPortal()) return;
  keepFresh();
  followHeight(app);
}

/** Sends a form and shows what comes back; resolves to whether it was done. `more` are fields
    that stand for what the page shows. One at a time: a second press is not a second wish. */
export function send(form, submitter, more = []) {
  const fields = new FormData(form, submitter);
  for (const [name, value] of more) fields.append(name, value);
  return sendFields(submitter?.getAttribute('formaction') ?? form.getAttribute('action'), fields);
}

async function sendFields(url, fields) {
  if (sending) return false;
  sending = true;
  clearProblem();
  app.setAttribute('aria-busy', 'true');
  const answer = await post(url, fields, { again: () => sendFields(url, fields) });
  sending = false;
  app.removeAttribute('aria-busy');
  if (answer) swap(answer.parts);
  clearLater();
  return Boolean(answer?.ok);
}

function clearLater() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const outcome = document.getElementById('outcome');
    if (outcome.matches(':hover, :focus-within')) {
      clearLater();
      return;
    }
    document.getElementById('status').replaceChildren();
    document.getElementById('undo')?.remove();
  }, UNDO_SHOWN);
}
