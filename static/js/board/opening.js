/* Shows the name of a record that is about to open, and where its customers will stand. What is in the
   editor stays below it: the answer may not come. Loaded when the page is ready. */
import { fromTemplate } from '../core/fragments.js';

const [cover] = fromTemplate('opening');
const list = document.getElementById('records').parentElement;

function look() {
  const record = document.getElementById('record');
  const row = list?.querySelector('[role=option][aria-selected=true]');
  const opens = record.ariaBusy === 'true' && row && row.id !== `record-${record.dataset.record}`;
  if (!opens) cover?.remove();
  else if (cover) {
    cover.querySelector('h2')?.replaceChildren(row.dataset.title ?? '');
    if (cover.parentNode !== record) record.append(cover);
  }
}

new MutationObserver(look).observe(document.getElementById('app'), { subtree: true, attributeFilter: ['aria-busy', 'aria-selected'] });
