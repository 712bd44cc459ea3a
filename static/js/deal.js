/* The tab in a deal: its people, the record they go to, and whether anything is left to do. */
import { post } from './request.js';
import { swap } from './fragments.js';
import { attachRecordPicker } from './record-picker.js';
import { send, startTab } from './tab.js';

const form = document.getElementById('deal');
const choosing = document.getElementById('choosing');
const input = document.getElementById('pick');
const list = document.getElementById('picks');
const replace = document.getElementById('replace');
const chosen = () => document.getElementById('chosen');
const option = () => document.getElementById(`pick-${chosen().value || 'new'}`);
const ticked = () => [...document.querySelectorAll('input[name=customer]:checked')].map((box) => box.value);
const keysOf = (record) => record.dataset.keys.split(' ').filter(Boolean);
let picker = null;
let reading = null;

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
  input.value = record.dataset.title;
  picker.showAll();
  const [people, keys] = [ticked(), keysOf(record)];
  const others = keys.some((key) => !people.includes(key));
  const here = people.length > 0 && people.every((key) => keys.includes(key));
  replace.disabled = !(others && people.length);
  const done = here && !(replace.checked && others);
  const already = document.getElementById('already');
  already.textContent = done ? already.dataset.text : '';
  document.getElementById('put').disabled = done || !people.length;
}

async function submit(from, submitter) {
  const more = from === form && replace.checked
    ? keysOf(option()).map((key) => ['base', key]) : [];
  const all = [...form.querySelectorAll('input[name=all]')].map((one) => ['all', one.value]);
  await send(from, submitter, from === form ? more : all);
  document.getElementById(`pick-${chosen().dataset.gone}`)?.remove();
  replace.checked = false;
  show();
}

/** The whole list is read when somebody is about to choose: most take what is proposed. */
function read() {
  reading ??= readAll();
}

async function readAll() {
  const answer = await post(form.dataset.records, new FormData(form));
  const part = answer?.parts.find((one) => one.id === 'list-of-records');
  if (!part) {
    if (answer) swap(answer.parts);
    reading = null;
    return;
  }
  list.replaceChildren(...part.querySelector('#picks').childNodes);
  const typed = input.value;
  show();
  if (document.activeElement === input && typed !== input.value) {
    input.value = typed;
    picker.filter();
  }
}

if (choosing) {
  picker = attachRecordPicker(choose);
  for (const sign of ['pointerenter', 'focusin']) choosing.addEventListener(sign, read);
  // Somebody may have been there before this script was.
  if (choosing.matches(':hover, :focus-within')) read();
  input.addEventListener('focus', () => input.select());
  input.addEventListener('blur', show);
  document.addEventListener('change', show);
  show();
}
startTab(submit);
