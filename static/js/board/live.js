/* Follows what colleagues do: rows of the list change by themselves, the open record only says that
   it was changed. Loaded after the page is there. */
import { isBusy } from '../record/busy.js';
import { isDirty } from '../record/changes.js';
import { isNewDay, loadAnew } from '../core/new-day.js';
import { poll, visible } from '../core/poll.js';
import { pointerReleased } from '../core/pointer.js';
import { parse, swap, swapRows } from '../core/fragments.js';
import { postQuietly } from '../core/request.js';
import { refreshRecord } from './refresh-record.js';

/** Colleagues are to see within five seconds that a customer is being called. */
const PAUSE = 4_000;

/** The last notice, and the record as loaded that it was about. */
let told = /** @type {{ about: string, notice: HTMLElement } | null} */ (null);

/** @type {typeof import('../booking/freed.js') | undefined} */
let freed;

/** Returns what the open record was loaded with, to be changed or only to be read, as it is posted. */
function loaded() {
  const form = /** @type {HTMLFormElement | null} */ (document.querySelector('#editor, #reading'));
  if (!form) return '';
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (['record', 'base', 'base_note', 'reading'].includes(name)) fields.append(name, String(value));
  }
  return String(fields);
}

const board = /** @type {HTMLFormElement} */ (document.getElementById('board'));

/** The record that is open stays open.
    @returns {Record<string, string>} */
function record() {
  const id = Number(document.getElementById('record').dataset.record);
  return id ? { record: String(id) } : {};
}

async function update() {
  const { url, until } = document.getElementById('live-updates').dataset;
  const before = loaded();
  if (told?.about === before && !document.getElementById('notice')?.childElementCount) show(told.notice);
  if (isBusy()) return null;
  const answer = await postQuietly(url, `${before}&until=${until}`);
  if (!answer.ok) return answer;
  freed?.showFreed(answer.headers.get('X-Bookings')).catch(() => {});
  const parts = parse(await answer.text());
  await pointerReleased();
  await put(parts, before);
  if (isNewDay(answer) && !isDirty() && !isBusy() && !document.querySelector('.toast')) loadAnew(board, record());
  return answer;
}

/** @param {HTMLElement[]} parts @param {string} before */
async function put(parts, before) {
  /** @param {string} id */
  const part = (id) => parts.find((one) => one.id === id);
  swapRows(parts.filter((one) => one.id.startsWith('record-')));
  swap(parts.filter((one) => one.id === 'pending-writes' || one.id.startsWith('call-')));
  // When the record was saved or left meanwhile, the next request asks about the one that is open now.
  if (isBusy() || loaded() !== before) return;
  const [updates, notice] = [part('live-updates'), part('notice')];
  if (updates) swap([updates]);
  if (!notice) return;
  const change = notice.querySelector('[data-refresh]');
  if (change && await refreshRecord(change)) return;
  if (loaded() !== before) return;
  told = { about: before, notice };
  show(notice);
}

/** A copy, because *Discard* brings back an editor without the notice.
    @param {HTMLElement} notice */
const show = (notice) => swap([/** @type {HTMLElement} */ (notice.cloneNode(true))]);

poll(update, PAUSE);
import('../record/removal/not-removed.js').catch(() => {});
import('../booking/next-bookings.js').catch(() => {});
import('../booking/freed.js').then((it) => { freed = it; }, () => {});

/** Tells an administrator where the installation differs from what the app needs.
    @param {string} url */
async function showDifference(url) {
  await visible();
  const answer = await postQuietly(url, {});
  if (answer.ok) swap(parse(await answer.text()));
}

const { url: difference } = document.getElementById('installation')?.dataset ?? {};
if (difference) showDifference(difference).catch(() => {});
