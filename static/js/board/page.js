/* The main page: connects the list, the editor and the portal's frame. */
import { attachEditor, editedRecord, editorKey, focusEditor, mayLeave, renewEditor, save } from '../record/editor.js';
import { blockEditorAndLeaving, blockEditor } from '../record/busy.js';
import { isDirty } from '../record/changes.js';
import { clearProblem, countDown, swap, swapTemplate } from '../core/fragments.js';
import { dialogIsOpen } from '../core/keys.js';
import { load } from '../core/load.js';
import { focusList, listIsShown, openWith, select, selected } from './list.js';
import { actionOf, CALM, onRetry, post } from '../core/request.js';

const record = () => document.getElementById('record');
/** The record that is about to be shown.
    @type {{ option: HTMLElement | null, abort: AbortController, answer: Promise<unknown> } | null} */
let opening = null;

/** A new record begins with this customer.
    @param {string} url @param {HTMLElement | null} option @param {string} [customer] */
async function openRecord(url, option, customer) {
  if (opening?.option === option) return;
  if (isUpToDate(option)) {
    await stopOpening();
    focusEditor();
    return;
  }
  // When another record is opening, the user was asked before.
  if (!opening && !await mayLeave()) return;
  stopOpening();
  const abort = new AbortController();
  const { signal } = abort;
  clearProblem();
  select(option);
  const request = blockEditor(() => post(url, customer ? { customer } : {}, { signal, again: () => openRecord(url, option, customer) }));
  opening = { option, abort, answer: request };
  const answer = await request;
  if (signal.aborted) return;
  stopOpening();
  if (answer) swap(answer.parts);
  if (!answer?.ok) return;
  if (!listIsShown()) {
    record().parentElement?.scrollIntoView();
    // The way back leads from the record to the list.
    if (!history.state) history.pushState('record', '');
  }
  focusEditor();
}

/** Whether this row's record is shown and nothing newer is known. If the user has changed it, a
    button beside the news shows them.
    @param {HTMLElement | null} option */
const isUpToDate = (option) => option?.id === `record-${record().dataset.record}`
  && (isDirty() || !document.querySelector('#notice .alert'));

/** Resolves when the record that is shown can be worked on again. */
function stopOpening() {
  const stopped = opening;
  opening = null;
  stopped?.abort.abort();
  markRow();
  return stopped?.answer;
}

const markRow = () => select(document.getElementById(`record-${record().dataset.record}`));

const backToList = () => (history.state ? history.back() : leaveRecord());

window.addEventListener('popstate', async () => {
  if (history.state || !record().dataset.record) return;
  await leaveRecord();
  if (record().dataset.record && !listIsShown()) history.pushState('record', '');
});

async function leaveRecord() {
  if (!opening && !await mayLeave()) return;
  stopOpening();
  const option = selected();
  swapTemplate('no-record');
  select(null);
  option?.focus();
  // On a phone the list is higher than the record was: the portal makes room for it only now.
  window.addEventListener('resize', () => {
    if (document.activeElement === option) option?.scrollIntoView({ block: 'center' });
  }, { once: true });
}

/** Sends a form like *Undo* or *History*. One with `data-keeps-editor` leaves the editor as it is.
    @param {HTMLFormElement} form @param {HTMLButtonElement | null} [submitter] */
async function sendForm(form, submitter) {
  const keepsEditor = 'keepsEditor' in form.dataset;
  form.closest('dialog')?.close();
  if (!keepsEditor && !await mayLeave()) return;
  if (!keepsEditor) stopOpening();
  clearProblem();
  const request = () => post(actionOf(form, submitter), new FormData(form), { again: () => sendForm(form, submitter) });
  const answer = await (keepsEditor ? request() : blockEditorAndLeaving(request));
  if (!answer) return;
  swap(answer.parts);
  if (!answer.ok || !answer.parts.some((part) => part.id === 'record')) return;
  if (editedRecord() === 'new') focusEditor();
  else focusListOrTitle();
}

function focusListOrTitle() {
  if (!focusList()) document.getElementById('record-title')?.focus();
}

function attach() {
  attachEditor();
  if (record().dataset.record) markRow();
}

/** The page comes with the record that was worked on last. On a phone the list comes first. */
function begin() {
  const { dataset } = record();
  if (dataset.record && !('open' in dataset)) {
    if (record().checkVisibility()) dataset.open = '';
    else swapTemplate('no-record');
  }
  attach();
}

document.addEventListener('submit', (event) => {
  const { target: form, submitter } = event;
  if (form.matches('[method=dialog], #again')) return;
  event.preventDefault();
  if (form.id === 'editor' || form.id === 'conflict-form') {
    const elsewhere = submitter?.getAttribute('formaction');
    if (elsewhere) renewEditor(elsewhere);
    else save(submitter ?? undefined);
  } else if (form.id === 'board') backToList();
  else if (form.id === 'new-record') openRecord(actionOf(form), null);
  else if (form.id === 'removal') load(() => import('../record/removal.js'), import.meta.resolve('../record/removal.js'), (it) => it.startRemoval(form));
  else if (form.id === 'make-booking') load(() => import('../booking/offer.js'), import.meta.resolve('../booking/offer.js'), (it) => it.showOffer(form));
  else sendForm(form, submitter);
});

// Loaded when it is first touched.
document.addEventListener('click', ({ target }) => {
  const button = target.closest('[aria-haspopup=menu]');
  if (button) load(() => import('./menus.js'), import.meta.resolve('./menus.js'), (menus) => menus.toggleMenu(button));
});

document.addEventListener('recordshown', attach);
document.addEventListener('recordsaved', focusListOrTitle);

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || dialogIsOpen() || editorKey(event)) return;
  if (event.key !== 'Escape' || !record().contains(event.target)) return;
  if (record().querySelector('.editor-head [open]')) import('../record/menu.js').then((it) => it.closeMenu());
  else if (!focusList()) backToList();
});

begin();
onRetry([record()], () => location.reload());
openWith((option) => openRecord(option.dataset.url, option, option.dataset.key));
document.dispatchEvent(new Event('scriptready'));
countDown();
for (const module of [import('./shortcuts.js'), import('./deferred.js'), import('./ages.js'), import('./search/in-crm.js')]) module.catch(() => {});
setTimeout(() => import('./live.js').catch(() => {}), CALM);
