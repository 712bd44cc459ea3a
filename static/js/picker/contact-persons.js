/* The contact persons of a company that was just chosen, to be added to the record. */
import { postForParts } from '../core/request.js';
import { rowOf } from './hits.js';

/** Shows them below the picker's field. Checking adds a person; unchecking, like removing the row,
    removes them again.
    @param {HTMLElement} company @param {HTMLInputElement} input @param {PickerForm} form */
export async function offerPersons(company, input, { fields, pick, announce }) {
  const wanted = fields('');
  wanted.append('company', company.dataset.key);
  const part = (await postForParts(input.dataset.persons, wanted)).find((one) => one.id === 'persons');
  const place = document.getElementById('persons');
  const list = company.parentElement;
  if (!part || !place || !list || !company.isConnected) return;
  place.replaceWith(part);
  announce(part.dataset.said ?? '');

  const boxes = [...part.querySelectorAll('input')];
  const all = part.querySelector('button[data-all]');
  /** @param {HTMLInputElement} box */
  const rowFor = (box) => [...list.querySelectorAll('.customer')].find((row) => row.dataset.key === box.value);
  /** @param {HTMLInputElement} box */
  const add = (box) => pick(rowOf(box.parentElement));

  function settle() {
    for (const box of boxes) box.checked = Boolean(rowFor(box));
    if (all) all.disabled = boxes.every((box) => box.checked);
    if (!company.isConnected && part) part.hidden = true;
  }

  part.addEventListener('change', (event) => {
    const box = /** @type {HTMLInputElement} */ (event.target);
    if (box.checked) add(box);
    else rowFor(box)?.querySelector('.remove')?.click();
    settle();
  });
  all?.addEventListener('click', () => {
    for (const box of boxes) if (!box.checked) add(box);
    input.focus();
  });
  new MutationObserver(settle).observe(list, { childList: true });
}
