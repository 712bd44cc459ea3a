/* The main page: ties the list, the editor and the portal's frame together. */
import { ask, dialogIsOpen } from './dialogs.js';
import {
  attachEditor, editedRecord, editorKey, focusEditor, hold, isDirty, mayLeave, renew, submitEditor,
} from './editor.js';
import { followHeight, inPortal, nameFrame, openInPortal } from './frame.js';
import { clearProblem, countDown, swap, swapTemplate } from './fragments.js';
import { focusList, listIsShown, openWith, select, selected } from './list.js';
import { post } from './request.js';
import { keepFresh } from './session.js';

const CALM = 2_000;
const search = document.getElementById('search');
const record = () => document.getElementById('record');
let opening = null;

async function open(url, option) {
  // Whoever clicks on the record that they are changing is looking for it.
  if (option && option.id === `record-${editedRecord()}` && isDirty()) {
    focusEditor();
    return;
  }
  const before = selected();
  if (!await mayLeave()) return;
  opening?.abort();
  opening = new AbortController();
  const request = opening;
  clearProblem();
  select(option);
  const answer = await hold(() => post(url, {}, { signal: request.signal, again: () => open(url, option) }));
  if (request !== opening) return;
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
  opening?.abort();
  opening = null;
  const option = selected();
  swapTemplate('no-record');
  select(null);
  option?.focus();
}

/** Undo, History and Restore: forms that the server answers with parts of the page. Those that are
    `data-aside` leave the editor as it is. */
async function sendForm(form, submitter) {
  const aside = 'aside' in form.dataset;
  form.closest('dialog')?.close();
  if (!aside && !await mayLeave()) return;
  clearProblem();
  const url = submitter?.getAttribute('formaction') ?? form.getAttribute('action');
  const request = () => post(url, new FormData(form), { again: () => sendForm(form, submitter) });
  const answer = await (aside ? request() : hold(request));
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
  const id = editedRecord();
  if (id) select(document.getElementById(`record-${id}`));
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
  else sendForm(form, submitter);
});

document.addEventListener('click', (event) => {
  const path = event.target.closest('[data-path]')?.dataset.path;
  if (path) openInPortal(path).catch(() => {});
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

wake();
openWith((option) => open(option.dataset.url, option));
countDown();
setTimeout(() => import('./news.js').catch(() => {}), CALM);
if (document.querySelector('[data-unverified]')) import('./verify.js').then((module) => module.verify());
if (inPortal()) {
  keepFresh();
  followHeight(document.getElementById('app'));
  nameFrame(document.body.dataset.title).catch(() => {});
}
