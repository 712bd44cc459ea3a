/* The tab in a deal: its customers, the record they are put on, and whether anything is left to do. */
import { clearProblem, parse, swap, swapRows } from '../core/fragments.js';
import { CALM, post, postQuietly } from '../core/request.js';
import { attachRecordPicker } from './record-picker.js';
import { sendForm, startTab } from './tab.js';

const form = document.getElementById('deal');
const choosing = document.getElementById('choosing');
const input = document.getElementById('pick');
const list = document.getElementById('picks');
const replace = document.getElementById('replace');
const chosen = () => document.getElementById('chosen');
const records = () => [...list.querySelectorAll('[role=option]')];
const chosenRecord = () => document.getElementById(`pick-${chosen().value || 'new'}`);
const checked = () => [...document.querySelectorAll('input[name=customer]:checked')].map((box) => box.value);
/** @returns {string[][]} */
const everyone = () => [...form.querySelectorAll('input[name=all]')].map((one) => ['all', one.value]);
/** @param {HTMLElement} record */
const keysOf = (record) => record.dataset.keys.split(' ').filter(Boolean);

/** @type {ReturnType<typeof attachRecordPicker>} */
let picker;
/** The reading of the whole list of records, from its beginning.
    @type {Promise<void> | null} */
let reading = null;
let listIsWhole = false;
/** The customers of the record when *Replace* was checked. Those added later are not taken off.
    @type {string[]} */
let replaced = [];

/** @param {HTMLButtonElement} record */
function choose(record) {
  chosen().value = record.value;
  replace.checked = false;
  show();
}

/** Shows the choice, and what putting the checked customers on it would do. */
function show() {
  if (!chosenRecord()) chosen().value = '';
  const record = chosenRecord();
  if (!record) return;
  for (const other of records()) {
    other.ariaChecked = String(other === record);
    if ('gone' in other.dataset && other !== record) other.remove();
  }
  document.getElementById('choice').textContent = record.dataset.title;
  document.getElementById('for-new').hidden = Boolean(chosen().value);
  document.getElementById('for-existing').hidden = !chosen().value;
  input.value = '';
  picker.showAll();
  const people = checked();
  const keys = keysOf(record);
  const gone = 'gone' in record.dataset;
  const others = !gone && keys.some((key) => !people.includes(key));
  const here = people.length > 0 && people.every((key) => keys.includes(key));
  replace.disabled = !(others && people.length);
  const done = here && !(replace.checked && others);
  const already = document.getElementById('already');
  already.textContent = (gone ? already.dataset.gone : done ? already.dataset.text : '') ?? '';
  document.getElementById('put').disabled = gone || done || !people.length;
}

/** @param {HTMLFormElement} from @param {HTMLButtonElement | null} submitter */
async function submit(from, submitter) {
  const taken = from === form && replace.checked ? replaced : [];
  await sendForm(from, submitter, from === form ? taken.map((key) => ['base', key]) : everyone());
  document.getElementById(`pick-${chosen().dataset.gone}`)?.remove();
  replace.checked = false;
  show();
}

/** Runs a change of the list; what is being typed into the field stays.
    @param {() => void} change */
function keepTyped(change) {
  const typed = document.activeElement === input ? input.value : '';
  change();
  show();
  if (!typed) return;
  input.value = typed;
  picker.filter();
}

/** Puts rows from the server in place. Those that are there keep their places, `add` finds some for
    the others.
    @param {HTMLElement[]} rows @param {(fresh: HTMLElement[]) => void} add */
function put(rows, add) {
  keepTyped(() => {
    const fresh = rows.filter((row) => !document.getElementById(row.id));
    swapRows(rows.filter((row) => !fresh.includes(row)));
    add(fresh);
  });
}

/** Reads the whole list, when the user is about to choose: most take what is proposed. */
function read() {
  reading ??= readAll();
}

/** As `read`, but idly. A finger is nowhere before it taps, and that tap is to choose. */
function readAhead() {
  reading ??= readAll(true);
}

async function readAll(idle = false) {
  const parts = await (idle ? fetchIdly() : fetchRecords());
  const rows = parts?.find((one) => one.id === 'list-of-records')?.querySelectorAll('[role=option]');
  if (rows) {
    document.getElementById('more-picks')?.remove();
    put([...rows], (fresh) => list.append(...fresh));
    listIsWhole = true;
    return;
  }
  reading = null;
  if (!idle) swap(parts ?? []);
  else if (choosing?.matches(':hover, :focus-within')) read();
}

async function fetchRecords() {
  const again = () => { clearProblem(); read(); };
  const answer = await post(form.dataset.records, new FormData(form), { again });
  return answer?.parts;
}

async function fetchIdly() {
  const fields = new FormData(form);
  fields.set('idle', '1');
  const answer = await postQuietly(form.dataset.records, fields).catch(() => null);
  return answer?.ok ? parse(await answer.text()) : [];
}

/** Returns what the page shows; null while the list is being read. */
function shown() {
  if (reading && !listIsWhole) return null;
  const those = listIsWhole ? [['whole', '1']] : records().map((one) => ['on', one.value]);
  return [...everyone(), ...those];
}

/** @param {HTMLElement[]} parts */
function putChanges(parts) {
  for (const { id } of parts.filter((part) => part.hidden && part.id !== 'live-updates')) {
    const record = document.getElementById(id);
    // The choice does not change by itself: the tab says that there is no such record.
    if (record && record === chosenRecord()) record.dataset.gone = '';
    else record?.remove();
  }
  const rows = parts.filter((part) => !part.hidden || part.id === 'live-updates');
  put(rows, (fresh) => document.getElementById('pick-new').after(...fresh.reverse()));
}

if (choosing) {
  picker = attachRecordPicker(choose);
  for (const type of ['pointerenter', 'focusin']) choosing.addEventListener(type, read);
  // The pointer may have been there before this script was.
  if (choosing.matches(':hover, :focus-within')) read();
  if (matchMedia('(any-pointer: coarse)').matches) (window.requestIdleCallback ?? setTimeout)(readAhead);
  document.getElementById('more-picks')?.addEventListener('click', () => {
    read();
    input.focus();
  });
  input.addEventListener('blur', show);
  replace.addEventListener('change', () => {
    const record = chosenRecord();
    replaced = record ? keysOf(record) : [];
  });
  document.addEventListener('change', show);
  // Letters may have been typed before this script was ready.
  if (input.value) keepTyped(() => {});
  else show();
  setTimeout(() => import('./live.js').then(({ followChanges }) => followChanges(shown, putChanges)).catch(() => {}), CALM);
}
startTab(submit);
