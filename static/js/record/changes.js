/* What is unsaved in the editor, and how the page tells. */
import * as customers from './customers.js';
import { removeUndo } from '../core/undo-offer.js';

const NARROW = matchMedia('(max-width: 899px)');
const form = () => document.getElementById('editor');

export const isDirty = () => Boolean(form()) && (customers.differ() || noteIsChanged());

/** To be called after each change. */
export function showChanges() {
  const dirty = isDirty();
  document.getElementById('save').disabled = !dirty;
  document.getElementById('discard').disabled = !dirty;
  if (dirty) removeUndo();
  if (dirty && NARROW.matches) import('./save-bar.js').then((bar) => bar.lift(NARROW), () => {});
  import('./summary.js').then((it) => it.showSummary(noteIsChanged()), () => {});
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
