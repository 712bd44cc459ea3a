/* Follows what colleagues do: rows of the list change by themselves, the open record only says so.
   Nobody is asked while nobody looks, and nobody is told when there is no answer. */
import { parse, swap } from './fragments.js';
import { send } from './request.js';
import { putRows } from './rows.js';

const PAUSE = 8_000;
const LONGEST_PAUSE = 5 * 60_000;
let pause = PAUSE;
let timer = 0;
let asking = false;
let told = {};

const record = () => document.getElementById('record');

/** What the form was loaded with, as it is posted. */
function loaded() {
  const form = document.getElementById('editor');
  if (!form) return '';
  const names = ['record', 'base', 'base_note'];
  return String(new URLSearchParams([...new FormData(form)].filter(([name]) => names.includes(name))));
}

async function ask() {
  clearTimeout(timer);
  // Whoever comes back to the page is shown what happened meanwhile.
  if (asking || document.visibilityState !== 'visible') return;
  asking = true;
  pause = await look().catch(() => Math.min(pause * 2, LONGEST_PAUSE));
  asking = false;
  timer = setTimeout(ask, pause);
}

/** Resolves to the milliseconds until the next look. */
async function look() {
  const { url, until } = document.getElementById('news').dataset;
  const before = loaded();
  if (told.of === before && !document.getElementById('notice').childElementCount) show(told.notice);
  if (isBusy()) return PAUSE;
  const answer = await send(url, `${before}&until=${until}`);
  if (!answer.ok) {
    const wait = Number(answer.headers.get('Retry-After'));
    if (wait) return wait * 1000;
    throw new Error('no news');
  }
  put(parse(await answer.text()), before);
  return PAUSE;
}

function put(parts, before) {
  const apart = (id) => parts.find((part) => part.id === id);
  putRows(parts.filter((part) => part.id.startsWith('record-')));
  // The record was saved or left meanwhile: for the one that is open now this is asked again.
  if (isBusy() || loaded() !== before) return;
  if (apart('news')) swap([apart('news')]);
  if (!apart('notice')) return;
  told = { of: before, notice: apart('notice') };
  show(told.notice);
}

// A copy, because discarding brings back an editor that has not been told of it.
const show = (notice) => swap([notice.cloneNode(true)]);

const isBusy = () => record().ariaBusy === 'true';

document.addEventListener('visibilitychange', ask);
window.addEventListener('focus', ask);
timer = setTimeout(ask, PAUSE);
