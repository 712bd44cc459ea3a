/* What *Save* would change, in words beside it. Loaded when a record is first shown. */
import { loaded, rows } from './customers.js';
import { fromTemplate } from '../core/fragments.js';

/** @param {boolean} noteIsChanged */
export function showSummary(noteIsChanged) {
  const words = document.getElementById('editor')?.dataset;
  const summary = document.getElementById('summary');
  if (!words || !summary) return;
  const base = loaded();
  const was = base.map(({ value }) => value);
  const now = rows().map((row) => row.dataset.key);
  const kept = was.filter((key) => now.includes(key));
  const newMain = kept.length && kept[0] !== now[0];
  const reordered = kept.join() !== now.filter((key) => was.includes(key)).join();
  summary.replaceChildren(
    ...rows().filter((row) => !was.includes(row.dataset.key)).map((row) => describe('change-added', row.dataset.name)),
    ...base.filter(({ value }) => !now.includes(value)).map((field) => describe('change-removed', field.dataset.name)),
    ...newMain ? [describe('change-main', rows()[0]?.dataset.name)] : [],
    ...reordered && !newMain ? [describe('change-other', words.orderChanged)] : [],
    ...noteIsChanged ? [describe('change-other', words.noteChanged)] : [],
  );
}

/** @param {string} template @param {string} [words] */
function describe(template, words = '') {
  const [part] = fromTemplate(template);
  (part?.querySelector('bdi') ?? part)?.append(words);
  return part ?? '';
}
