/* The tab in a deal: its people, the record they go to, and whether anything is left to do. */
import { clearProblem, parse, swap } from '../core/fragments.js';
import { attachRecordPicker } from './record-picker.js';
import { post, send as ask } from '../core/request.js';
import { putRows } from '../core/rows.js';
import { send, startTab } from './tab.js';

const CALM = 2_000;
const form = document.getElementById('deal');
const choosing = document.getElementById('choosing');
const input = document.getElementById('pick');
const list = document.getElementById('picks');
const replace = document.getElementById('replace');
const chosen = () => document.getElementById('chosen');
const option = () => document.getElementById(`pick-${chosen().value || 'new'}`);
const ticked = () => [...document.querySelectorAll('input[name=customer]:checked')].map((box) => box.value);
const all = () => [...form.querySelectorAll('input[name=all]')].map((one) => ['all', one.value]);
const keysOf = (record) => record.dataset.keys.split(' ').filter(Boolean);
let picker = null;
let reading = null;
let whole = false;
let replaced = [];

function choose(record) {
  chosen().value = record.value;
  replace.checked = false;
  show();
}

/** Shows the choice, and what putting the ticked people on it would do. */
function show() {
  if (!option()) chosen().value = '';
  const record = option();
  for (const other of list.querySelectorAll('[data-chosen]')) delete other.dataset.chosen;
  record.dataset.chosen = '';
  for (const other of list.querySelectorAll('[data-gone]:not([data-chosen])')) other.remove();
  input.value = record.dataset.title;
  picker.showAll();
  const [people, keys] = [ticked(), keysOf(record)];
  const gone = 'gone' in record.dataset;
  const others = !gone && keys.some((key) => !people.includes(key));
  const here = people.length > 0 && people.every((key) => keys.includes(key));
  replace.disabled = !(others && people.length);
  const done = here && !(replace.checked && others);
  const already = document.getElementById('already');
  already.textContent = gone ? already.dataset.gone : done ? already.dataset.text : '';
  document.getElementById('put').disabled = gone || done || !people.length;
}

async function submit(from, submitter) {
  const more = from === form && replace.checked ? replaced.map((key) => ['base', key]) : [];
  await send(from, submitter, from === form ? more : all());
  document.getElementById(`pick-${chosen().dataset.gone}`)?.remove();
  replace.checked = false;
  show();
}

/** Rows from the server. Those that are there keep their places, `add` finds some for the others;
    what is being typed stays. */
function put(rows, add) {
  const typed = document.activeElement === input && input.value !== option().dataset.title ? input.value : null;
  const fresh = rows.filter((row) => !document.getElementById(row.id));
  putRows(rows.filter((row) => !fresh.includes(row)));
  add(fresh);
  show();
  if (typed === null) return;
  input.value = typed;
  picker.filter();
}

/** The whole list is read when somebody is about to choose: most take what is proposed. */
function read() {
  reading ??= readAll();
}

/** A finger is nowhere before it taps, and that tap is to choose: there the list is read before. */
function readAhead() {
  reading ??= readAll(true);
}

async function readAll(ahead) {
  const parts = await (ahead ? quietly() : aloud());
  const rows = parts?.find((one) => one.id === 'list-of-records')?.querySelectorAll('[role=option]');
  if (rows) {
    list.querySelector('.hint')?.remove();
    put([...rows], (fresh) => list.append(...fresh));
    whole = true;
    return;
  }
  reading = null;
  if (!ahead) swap(parts ?? []);
  else if (choosing.matches(':hover, :focus-within')) read();
}

async function aloud() {
  const again = () => { clearProblem(); read(); };
  const answer = await post(form.dataset.records, new FormData(form), { again });
  return answer?.parts;
}

async function quietly() {
  const answer = await ask(form.dataset.records, [...new FormData(form), ['idle', '1']]).catch(() => null);
  return answer?.ok ? parse(await answer.text()) : [];
}

function shown() {
  if (reading && !whole) return null;
  const records = [...list.querySelectorAll('[role=option]')].map((one) => ['on', one.value]);
  return [...all(), ...(whole ? [['whole', '1']] : records)];
}

function putNews(parts) {
  for (const { id } of parts.filter((part) => part.hidden && part.id !== 'news')) {
    const record = document.getElementById(id);
    // The choice is not changed under anybody's hands: it is said that there is no such record.
    if (record === option()) record.dataset.gone = '';
    else record?.remove();
  }
  const rows = parts.filter((part) => !part.hidden || part.id === 'news');
  put(rows, (fresh) => document.getElementById('pick-new').after(...fresh.reverse()));
}

if (choosing) {
  picker = attachRecordPicker(choose);
  for (const sign of ['pointerenter', 'focusin']) choosing.addEventListener(sign, read);
  // Somebody may have been there before this script was.
  if (choosing.matches(':hover, :focus-within')) read();
  if (matchMedia('(any-pointer: coarse)').matches) (window.requestIdleCallback ?? setTimeout)(readAhead);
  input.addEventListener('focus', () => input.select());
  input.addEventListener('blur', show);
  // Who joins a record after that has not been seen, and is not taken off it.
  replace.addEventListener('change', () => { replaced = keysOf(option()); });
  document.addEventListener('change', show);
  show();
  setTimeout(() => import('./live.js').then(({ followNews }) => followNews(shown, putNews)).catch(() => {}), CALM);
}
startTab(submit);
