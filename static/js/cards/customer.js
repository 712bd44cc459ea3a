/* The tab in a customer's card: records are added and removed at once, each with Undo. */
import { swapTemplate } from '../core/fragments.js';
import { send, startTab } from './tab.js';

const CALM = 2_000;
const form = document.getElementById('card');
const shown = () => [...document.querySelectorAll('#waiting > li:not([hidden])')]
  .map((row) => ['on', row.dataset.record]);
const news = () => [...shown(), ['customer', form.elements.customer.value]];

async function submit(from, submitter) {
  const panel = submitter?.dataset.panel;
  if (panel) swapTemplate(panel);
  else if (!await send(from, submitter, shown())) return;
  if (document.activeElement === document.body) document.getElementById('count')?.focus();
  enter();
}

/** Puts the cursor into a panel that has just been opened, and makes its list choose. */
async function enter() {
  const field = document.querySelector('#panel [data-focus]');
  field?.focus();
  if (field?.id !== 'pick') return;
  const { attachRecordPicker } = await import('./record-picker.js');
  attachRecordPicker(choose);
}

async function choose(option) {
  const age = option.querySelector('.age');
  if (!await send(form, option, shown())) return;
  const row = document.getElementById(`row-${option.value}`);
  if (age && !row.querySelector('.age')) row.querySelector('.buttons').before(age);
  document.getElementById('count').focus();
}

startTab(submit);
setTimeout(() => import('./customer-live.js').then(({ followRecords }) => followRecords(news)).catch(() => {}), CALM);
