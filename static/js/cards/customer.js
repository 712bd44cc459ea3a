/* The tab in a customer's card: records are added and removed at once, each with Undo. */
import { swapRows, swapTemplate } from '../core/fragments.js';
import { CALM } from '../core/request.js';
import { sendForm, startTab } from './tab.js';

const form = document.getElementById('card');
/** @returns {string[][]} */
const shown = () => [...document.querySelectorAll('#waiting > li:not([hidden])')]
  .map((row) => ['on', row.dataset.record ?? '']);
const customer = form.querySelector('input[name=customer]')?.value ?? '';

/** @param {HTMLFormElement} from @param {HTMLButtonElement | null} submitter */
async function submit(from, submitter) {
  const panel = submitter?.dataset.panel;
  if (panel) swapTemplate(panel);
  else if (!await sendForm(from, submitter, shown())) return;
  if (document.activeElement === document.body) document.getElementById('count')?.focus();
  enterPanel();
}

/** Puts the cursor into a panel that has just been opened, and makes its list work. */
async function enterPanel() {
  const field = document.querySelector('#panel [data-focus]');
  field?.focus();
  if (field?.id !== 'pick') return;
  const { attachRecordPicker } = await import('./record-picker.js');
  attachRecordPicker(choose);
}

/** @param {HTMLButtonElement} option */
async function choose(option) {
  const age = option.querySelector('.age');
  const { url } = document.getElementById('picks').dataset;
  if (!await sendForm(form, null, [['record', option.value], ...shown()], url)) return;
  const row = document.getElementById(`row-${option.value}`);
  if (age && !row?.querySelector('.age')) row?.querySelector('.buttons')?.before(age);
  document.getElementById('count')?.focus();
}

/** Puts rows in place, the newest record first, without moving the focus.
    @param {HTMLElement[]} parts */
function putChanges(parts) {
  const button = document.activeElement?.closest('#waiting button');
  const again = button && `#${button.closest('li')?.id}:not([hidden]) [formaction="${button.getAttribute('formaction')}"]`;
  const fresh = parts.filter((part) => part.dataset.record && !document.getElementById(part.id));
  swapRows(parts);
  for (const row of fresh) {
    const others = /** @type {HTMLElement[]} */ ([...row.parentElement?.children ?? []]);
    const older = others.find((one) => Number(one.dataset.record) < Number(row.dataset.record));
    row.parentElement?.insertBefore(row, older ?? null);
  }
  if (again && !button.isConnected) (document.querySelector(again) ?? document.getElementById('count'))?.focus();
}

startTab(submit);
setTimeout(() => import('./live.js')
  .then(({ followChanges }) => followChanges(() => [...shown(), ['customer', customer]], putChanges)).catch(() => {}), CALM);
