/* What is unsaved in the editor, and how the page tells. */
import * as customers from './customers.js';
import { fromTemplate } from '../core/fragments.js';
import { removeUndo } from '../core/undo-offer.js';

const NARROW = matchMedia('(max-width: 899px)');
const form = () => document.getElementById('editor');

export function isDirty() {
  if (!form()) return false;
  const { added, removed, reordered } = customers.changes();
  return added.length + removed.length > 0 || reordered || noteIsChanged();
}

/** To be called after each change. */
export function showChanges() {
  const { added, removed, reordered } = customers.changes();
  const words = form()?.dataset;
  document.getElementById('summary').replaceChildren(
    ...added.map((name) => describe('change-added', name)),
    ...removed.map((name) => describe('change-removed', name)),
    ...reordered ? [describe('change-other', words?.orderChanged)] : [],
    ...noteIsChanged() ? [describe('change-other', words?.noteChanged)] : [],
  );
  const dirty = isDirty();
  document.getElementById('save').disabled = !dirty;
  document.getElementById('discard').disabled = !dirty;
  if (!dirty) return;
  removeUndo();
  if (NARROW.matches) import('./save-bar.js').then((bar) => bar.lift(NARROW), () => {});
}

/** Tells screen readers.
    @param {string} words */
export function announce(words) {
  document.getElementById('said').textContent = words;
}

/** Announces what an attribute of the form says of a customer.
    @param {'added' | 'removed' | 'main' | 'moved' | 'armed'} key @param {HTMLElement} row */
export function announceRow(key, row, place = 0) {
  const { name } = row.dataset;
  announce(form()?.dataset[key].replace('{name}', () => name).replace('{place}', String(place)) ?? '');
}

function noteIsChanged() {
  const fields = form()?.elements;
  return fields?.note.value !== fields?.base_note.value.replace(/\r\n?/g, '\n');
}

/** @param {string} template @param {string} [words] */
function describe(template, words = '') {
  const [part] = fromTemplate(template);
  (part?.querySelector('bdi') ?? part)?.append(words);
  return part ?? '';
}
