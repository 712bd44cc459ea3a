/* Shows what will happen to records that are to be removed, and the results: in place of the editor, or
   above it if the records were not selected in the list. */
import { copyOf, fromTemplate, swap, swapRows, swapTemplate } from '../../core/fragments.js';
import { wordsFor } from '../../core/plural.js';
import { post } from '../../core/request.js';

/** @typedef {import('../removal.js').Item} Item */

/** Records that one request takes. */
export const AT_ONCE = 24;
/** Milliseconds after which a bar tells how far it is. */
const LONG = 1_000;
const GONE = ['removed', 'gone'];
const list = () => document.getElementById('outcomes');
const rows = () => [...document.querySelectorAll('#records [role=option]:not([hidden])')].filter((row) => !row.closest('[data-count="0"]'));

/** Returns the record of a row, as the row shows it.
    @param {HTMLButtonElement} row @returns {Item} */
export function itemOf(row) {
  const { title, note, people, flags } = row.dataset;
  // The title of a record without customers has its note.
  const about = flags.split(' ').includes('none') ? '' : row.querySelector('.sub')?.title ?? '';
  return { id: row.value, title, about, shown: [row.value, note, ...people.match(/^\w+:\d+/gm) ?? []].join(' ') };
}

/** @param {Item[]} items */
export const linesOf = (items) => items.map(({ shown }) => ['shown', shown]);

/** Returns the words for so many records.
    @param {number} count */
export const countOf = (count) => wordsFor(document.getElementById('record-counts'), count);

/** The editor as it was before; nothing in it is unsaved.
    @type {HTMLElement | null} */
let before = null;

/** Shows the records in place of the editor.
    @param {Item[]} items */
export function showPreview(items) {
  const wasList = document.getElementById('records').checkVisibility();
  if (document.getElementById('editor')) before = /** @type {HTMLElement} */ (document.getElementById('record').cloneNode(true));
  else if (!list()) before = null;
  swapTemplate('removal-preview');
  addRows(items);
  const title = document.getElementById('record-title');
  title?.focus({ preventScroll: true });
  if (!wasList || document.getElementById('records').checkVisibility()) return;
  document.getElementById('record').parentElement?.scrollIntoView();
  // On a phone the way back leads to the list.
  if (!history.state) history.pushState('record', '');
}

/** Adds records to the list that is shown, if there is one.
    @param {Item[]} items */
export function addRows(items) {
  for (const item of items) {
    if (list() && !document.getElementById(`outcome-${item.id}`)) list()?.append(rowFor(item));
  }
}

/** @param {Item} item */
function rowFor({ id, title, about = '' }) {
  const [row] = fromTemplate('outcome-row');
  row?.querySelector('bdi')?.append(title);
  row?.querySelector('.sub')?.append(about);
  const outcome = row?.querySelector('.outcome');
  if (outcome) outcome.id = `outcome-${id}`;
  return row ?? '';
}

/** Returns where the countdown of these records stands, null if their list is not shown.
    @param {string[]} ids */
export function countdownPlaceFor(ids) {
  const mine = list() && ids.some((id) => document.querySelector(`#outcomes [id="outcome-${id}"]`));
  return mine ? document.getElementById('outcomes-foot') : null;
}

export const hasFocus = () => list() !== null && document.getElementById('record').contains(document.activeElement);

const closePreview = () => swapTemplate('no-record');

/** Shows the editor that was there before. */
export const restoreEditor = () => (before ? swap([before]) : closePreview());

/** Asks what would become of records. Resolves to those that would be removed, or to null if the page
    says what failed.
    @param {Item[]} items @param {() => unknown} again */
export async function previewRemoval(items, again) {
  const { url } = document.getElementById('removal-preview').dataset;
  /** @type {HTMLElement[]} */
  const told = [];
  for (let start = 0; start < items.length; start += AT_ONCE) {
    showProgress(start, items.length);
    const answer = await post(url, linesOf(items.slice(start, start + AT_ONCE)), { again });
    if (!answer?.ok) {
      if (answer) swap(answer.parts);
      return null;
    }
    told.push(...placeAnswer(answer.parts));
  }
  showProgress(0, 0);
  if (!countdownPlaceFor(items.map(({ id }) => id))) reportKept(items, told);
  showCounts('removed');
  const kept = new Set(told.filter(({ dataset }) => dataset.outcome !== 'removed').map(({ id }) => id));
  return items.filter(({ id }) => !kept.has(`outcome-${id}`));
}

/** Puts rows in place, and outcomes into the list. Returns the outcomes.
    @param {HTMLElement[]} parts */
export function placeAnswer(parts) {
  const told = parts.filter((part) => part.dataset.outcome);
  swapRows(parts.filter((part) => part.id.startsWith('record-')));
  swap(told.filter(({ id }) => document.getElementById(id)));
  return told;
}

/** Shows the results at the end. Returns whether all records are gone.
    @param {Item[]} items @param {HTMLElement[]} told @param {boolean} wasShown */
export function showResults(items, told, wasShown) {
  showProgress(0, 0);
  if (!wasShown) return !reportKept(items, told);
  showCounts();
  const all = shown().every((outcome) => GONE.includes(outcome.dataset.outcome ?? ''));
  document.getElementById('record').classList.add('is-done');
  if (!all) list()?.setAttribute('aria-label', list()?.dataset.done ?? '');
  return all;
}

const shown = () => /** @type {HTMLElement[]} */ ([...list()?.querySelectorAll('.outcome') ?? []]);

/** Says which records were not removed, and why, above the editor. Returns whether there are any.
    @param {Item[]} items @param {HTMLElement[]} told */
function reportKept(items, told) {
  const kept = told.filter(({ dataset }) => !GONE.includes(dataset.outcome ?? ''));
  const [box] = kept.length ? fromTemplate('kept-records') : [];
  if (!box) return false;
  box.querySelector('ul')?.append(...kept.map((outcome) => {
    const item = items.find(({ id }) => `outcome-${id}` === outcome.id);
    const row = item ? rowFor(item) : '';
    if (row) row.querySelector('.outcome')?.replaceWith(outcome);
    outcome.removeAttribute('id');
    return row;
  }));
  box.querySelector('button')?.addEventListener('click', () => box.remove());
  document.getElementById('toasts').append(box);
  return true;
}

/** Counts the outcomes in the foot of the list, and puts those on top that are not removed.
    @param {string} [but] the outcome that is not told yet */
function showCounts(but) {
  const others = shown().filter(({ dataset }) => !GONE.includes(dataset.outcome ?? ''));
  list()?.prepend(...others.flatMap((outcome) => outcome.closest('li') ?? []));
  const forms = copyOf(document.getElementById('outcome-counts'));
  const texts = forms.flatMap((form) => {
    const { value } = /** @type {HTMLDataElement} */ (form);
    const count = shown().filter(({ dataset }) => dataset.outcome === value).length;
    return count && value !== but ? form.textContent.replace('{count}', String(count)) : [];
  });
  document.getElementById('outcomes-sum')?.replaceChildren(texts.join(' · '));
}

let due = 0;

/** Tells how far it is when that takes long.
    @param {number} done @param {number} all none if nothing is under way */
export function showProgress(done, all) {
  const bar = document.getElementById('outcomes-progress');
  if (!all) clearTimeout(due);
  if (!bar) return;
  bar.max = all || 1;
  bar.value = done;
  if (!all) bar.hidden = true;
  else if (!done) due = setTimeout(() => { bar.hidden = false; }, LONG);
}

/** Returns the row that follows these, or else one before them.
    @param {string[]} ids */
export function neighborOf(ids) {
  const all = rows();
  const last = all.findLastIndex((row) => ids.includes(row.value));
  /** @param {HTMLButtonElement} row */
  const stays = (row) => !ids.includes(row.value) && !row.matches('.is-pending-removal');
  return (all.slice(last + 1).find(stays) ?? all.slice(0, last + 1).findLast(stays))?.id ?? '';
}

/** Opens the next record, or goes back to the list on a phone. The focus stays in the list if it is there.
    @param {string} id of its row */
export function openNext(id) {
  const focused = document.activeElement?.closest('#records');
  closePreview();
  const records = document.getElementById('records');
  // The answer brings the row anew.
  const row = () => /** @type {HTMLElement | null} */ (document.querySelector(`#records [id="${id}"]`));
  const wide = matchMedia('(min-width: 900px)').matches;
  if (records.ariaMultiSelectable === 'true') return;
  if (focused || !wide) row()?.focus();
  if (!wide) return;
  if (focused) document.addEventListener('recordshown', () => setTimeout(() => row()?.focus()), { once: true });
  row()?.click();
}
