/* The main page: ties the list, the editor and the portal's frame together. */
import { ask, dialogIsOpen } from './dialogs.js';
import {
  attachEditor, editedRecord, editorKey, focusEditor, isDirty, mayLeave, renew, save, submitEditor,
} from './editor.js';
import { followHeight, inPortal, nameFrame, openInPortal } from './frame.js';
import { clearProblem, countDown, swap, swapTemplate } from './fragments.js';
import { focusList, listIsShown, select, selected, startList } from './list.js';
import { post } from './request.js';
import { keepFresh } from './session.js';

const CALM = 2_000;
const search = document.getElementById('search');
const record = () => document.getElementById('record');
let opening = null;
let retry = save;

async function open(url, option) {
  const before = selected();
  if (!await mayLeave()) return;
  retry = () => open(url, option);
  opening?.abort();
  opening = new AbortController();
  const request = opening;
  clearProblem();
  select(option);
  record().setAttribute('aria-busy', 'true');
  const answer = await post(url, {}, request);
  if (request !== opening) return;
  record().removeAttribute('aria-busy');
  if (answer) swap(answer.parts);
  if (!answer?.ok) {
    select(before);
    return;
  }
  if (!listIsShown()) record().scrollIntoView();
  focusEditor();
}

async function back() {
  if (!await mayLeave()) return;
  const option = selected();
  swapTemplate('no-record');
  select(null);
  option?.focus();
}

/** Undo, History and Restore: forms that the server answers with parts of the page. */
async function sendForm(form, submitter) {
  form.closest('dialog')?.close();
  if (!await mayLeave()) return;
  retry = () => sendForm(form, submitter);
  clearProblem();
  const url = submitter?.getAttribute('formaction') ?? form.getAttribute('action');
  const answer = await post(url, new FormData(form));
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
  retry = save;
  attachEditor();
  const id = editedRecord();
  if (id) select(document.getElementById(`record-${id}`));
}

document.addEventListener('submit', (event) => {
  const { target: form, submitter } = event;
  if (form.matches('[method=dialog], #again')) return;
  event.preventDefault();
  if (form.id === 'editor' || form.id === 'conflict-form') {
    const elsewhere = submitter?.getAttribute('formaction');
    retry = elsewhere ? () => renew(elsewhere) : save;
    if (elsewhere) retry();
    else submitEditor(submitter);
  } else if (form.id === 'board') back();
  else if (form.id === 'new-record') open(form.getAttribute('action'), null);
  else sendForm(form, submitter);
});

document.addEventListener('click', (event) => {
  const path = event.target.closest('[data-path]')?.dataset.path;
  if (path) openInPortal(path).catch(() => {});
  if (!event.target.closest('[data-retry]')) return;
  event.preventDefault();
  retry();
});

document.addEventListener('toggle', (event) => {
  if (event.target.matches('.menu')) import('./menu.js');
}, { capture: true });

for (const sign of ['pointerover', 'pointerdown']) {
  document.addEventListener(sign, async (event) => {
    if (!event.target.closest('.handle')) return;
    const { drag } = await import('./drag.js');
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
  const key = event.target.matches('input, textarea') || event.ctrlKey || event.metaKey || event.altKey
    ? null : keys[event.key.toLowerCase()];
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

startList((option) => open(option.dataset.url, option));
wake();
countDown();
setTimeout(() => import('./news.js').catch(() => {}), CALM);
if (document.querySelector('[data-unverified]')) import('./verify.js').then((module) => module.verify());
if (inPortal()) {
  keepFresh();
  followHeight(document.getElementById('app'));
  nameFrame(document.body.dataset.title).catch(() => {});
}
