/* The main page: ties the list, the editor and the portal's frame together. */
import { ask, dialogIsOpen } from '../core/dialogs.js';
import {
  attachEditor, editedRecord, editorKey, finish, focusEditor, hold, isDirty, mayLeave, renew, submitEditor,
} from '../record/editor.js';
import { inPortal, openInPortal } from '../core/portal-frame.js';
import { clearProblem, countDown, swap, swapTemplate } from '../core/fragments.js';
import { focusList, listIsShown, openWith, select, selected } from './list.js';
import { post } from '../core/request.js';
import { keepFresh } from '../core/session.js';

const CALM = 2_000;
const search = document.getElementById('search');
const record = () => document.getElementById('record');
let opening = null;

async function open(url, option) {
  if (opening?.url === url) return;
  if (isUpToDate(option)) {
    await stopOpening();
    focusEditor();
    return;
  }
  // Of the record that is shown this was asked when another one began to take its place.
  if (!opening && !await mayLeave()) return;
  stopOpening();
  opening = Object.assign(new AbortController(), { url });
  const { signal } = opening;
  clearProblem();
  select(option);
  opening.answer = hold(() => post(url, {}, { signal, again: () => open(url, option) }));
  const answer = await opening.answer;
  if (signal.aborted) return;
  stopOpening();
  if (answer) swap(answer.parts);
  if (!answer?.ok) return;
  if (!listIsShown()) record().parentElement.scrollIntoView();
  focusEditor();
}

/** Whether this row's record is there already, and nothing newer is known of it. Whoever has
    changed it is looking for it all the same: a button beside the news shows them. */
const isUpToDate = (option) => option?.id === `record-${record().dataset.record}`
  && (isDirty() || !document.querySelector('#notice .alert'));

/** Resolves when the record that is shown can be worked on again. */
function stopOpening() {
  const stopped = opening;
  opening = null;
  stopped?.abort();
  mark();
  return stopped?.answer;
}

const mark = () => select(document.getElementById(`record-${record().dataset.record}`));

async function back() {
  if (!opening && !await mayLeave()) return;
  stopOpening();
  const option = selected();
  swapTemplate('no-record');
  select(null);
  option?.focus();
  // On a phone the list is higher than the record was: the portal makes room for it only now.
  window.addEventListener('resize', () => {
    if (document.activeElement === option) option.scrollIntoView({ block: 'center' });
  }, { once: true });
}

/** Undo, History and Restore: forms that the server answers with parts of the page. Those that are
    `data-aside` leave the editor as it is. */
async function sendForm(form, submitter) {
  const aside = 'aside' in form.dataset;
  form.closest('dialog')?.close();
  if (!aside && !await mayLeave()) return;
  if (!aside) stopOpening();
  clearProblem();
  const url = submitter?.getAttribute('formaction') ?? form.getAttribute('action');
  const request = () => post(url, new FormData(form), { again: () => sendForm(form, submitter) });
  const answer = await (aside ? request() : finish(request));
  if (!answer) return;
  swap(answer.parts);
  if (!answer.ok || !answer.parts.some((part) => part.id === 'record')) return;
  if (editedRecord() === 'new') focusEditor();
  else afterSave();
}

function afterSave() {
  if (!focusList()) document.getElementById('record-title')?.focus();
}

function wake() {
  attachEditor();
  if (record().dataset.record) mark();
}

/** The page comes with the record that was worked on last. On a phone people begin with the list. */
function begin() {
  const { dataset } = record();
  if (dataset.record && !('open' in dataset)) {
    if (record().checkVisibility()) dataset.open = '';
    else swapTemplate('no-record');
  }
  wake();
}

document.addEventListener('submit', (event) => {
  const { target: form, submitter } = event;
  if (form.matches('[method=dialog], #again')) return;
  event.preventDefault();
  if (form.id === 'editor' || form.id === 'conflict-form') {
    const elsewhere = submitter?.getAttribute('formaction');
    if (elsewhere) renew(elsewhere);
    else submitEditor(submitter);
  } else if (form.id === 'board') back();
  else if (form.id === 'new-record') open(form.getAttribute('action'), null);
  else if (form.id === 'removal') import('../record/removal.js').then((it) => it.startRemoval(form), () => sendForm(form));
  else sendForm(form, submitter);
});

document.addEventListener('click', (event) => {
  const path = event.target.closest('[data-path]')?.dataset.path;
  if (path) openInPortal(path).catch(() => {});
});

document.addEventListener('toggle', (event) => {
  if (event.target.matches('.menu')) import('../record/menu.js');
}, { capture: true });

for (const sign of ['pointerover', 'pointerdown']) {
  document.addEventListener(sign, async (event) => {
    if (!event.target.closest('.handle')) return;
    const { drag } = await import('../record/drag.js');
    if (sign === 'pointerdown') drag(event);
  });
}

document.addEventListener('recordshown', wake);
document.addEventListener('recordsaved', afterSave);

const keys = {
  '/': () => { search.focus(); search.select(); },
  n: () => document.getElementById('new-record').requestSubmit(),
  '?': () => ask('keys'),
};

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || dialogIsOpen() || editorKey(event)) return;
  // Whoever goes on typing while nobody can type means no command.
  const typed = event.target.matches(record().ariaBusy === 'true' ? 'input, textarea, body' : 'input, textarea');
  const key = typed || event.ctrlKey || event.metaKey || event.altKey ? null : keys[event.key.toLowerCase()];
  if (key) {
    event.preventDefault();
    key();
  } else if (event.key === 'Escape' && record().contains(event.target)) {
    const menu = document.querySelector('.menu[open]');
    if (menu) {
      menu.open = false;
      menu.firstElementChild.focus();
    } else if (!focusList()) back();
  }
});

window.addEventListener('beforeunload', (event) => {
  if (isDirty()) event.preventDefault();
});

begin();
openWith((option) => open(option.dataset.url, option));
countDown();
setTimeout(() => import('./live.js').catch(() => {}), CALM);
if (document.querySelector('[data-unverified]')) import('./mirror-check.js').then((module) => module.verify());
if (inPortal()) keepFresh();
