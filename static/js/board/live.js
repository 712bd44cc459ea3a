/* Follows what colleagues do: rows of the list change by themselves, the open record only says
   so. */
import { keepAsking } from '../core/poll.js';
import { parse, swap } from '../core/fragments.js';
import { send } from '../core/request.js';
import { putRows } from '../core/rows.js';

let told = {};

const record = () => document.getElementById('record');

/** What the open record was loaded with, to be changed or only to be read, as it is posted. */
function loaded() {
  const form = document.querySelector('#editor, #reading');
  if (!form) return '';
  const names = ['record', 'base', 'base_note', 'reading'];
  return String(new URLSearchParams([...new FormData(form)].filter(([name]) => names.includes(name))));
}

async function look() {
  const { url, until } = document.getElementById('news').dataset;
  const before = loaded();
  if (told.of === before && !document.getElementById('notice').childElementCount) show(told.notice);
  if (isBusy()) return null;
  const answer = await send(url, `${before}&until=${until}`);
  if (answer.ok) put(parse(await answer.text()), before);
  return answer;
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

keepAsking(look);
