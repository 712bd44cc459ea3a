/* Covers the editor with a placeholder that has the name of the record that is about to open. The editor
   stays below it, because the answer may not come. Loaded when the page is ready. */
import { fromTemplate } from '../core/fragments.js';

const [placeholder] = fromTemplate('record-placeholder');
const list = document.getElementById('records').parentElement;

function update() {
  const record = document.getElementById('record');
  const row = list?.querySelector('[role=option][aria-selected=true]');
  const opens = record.ariaBusy === 'true' && row && row.id !== `record-${record.dataset.record}`;
  if (!opens) placeholder?.remove();
  else if (placeholder) {
    placeholder.querySelector('h2')?.replaceChildren(row.dataset.title ?? '');
    if (placeholder.parentNode !== record) record.append(placeholder);
  }
}

new MutationObserver(update).observe(document.getElementById('app'), { subtree: true, attributeFilter: ['aria-busy', 'aria-selected'] });
