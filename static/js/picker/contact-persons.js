/* The contact persons of a company that was just chosen, to be ticked onto the record. */
import { partsOf } from '../core/ask.js';

/** Shows them below the picker's field. A tick adds a person; taking it away, or the row, removes
    them again. */
export async function offerPersons(company, { input, fields, pick, announce }) {
  const wanted = fields('');
  wanted.append('company', company.dataset.key);
  const part = (await partsOf(input.dataset.persons, wanted)).find((one) => one.id === 'persons');
  const place = document.getElementById('persons');
  if (!part || !place || !company.isConnected) return;
  place.replaceWith(part);
  announce(part.dataset.said ?? '');

  const list = company.parentElement;
  const boxes = [...part.querySelectorAll('input')];
  const rowOf = (box) => [...list.children].find((row) => row.dataset.key === box.value);
  const add = (box) => pick(document.importNode(box.parentElement.querySelector('template').content.firstElementChild, true));

  function settle() {
    for (const box of boxes) box.checked = Boolean(rowOf(box));
    const all = part.querySelector('[data-all]');
    if (all) all.disabled = boxes.every((box) => box.checked);
    if (!company.isConnected) part.hidden = true;
  }

  part.addEventListener('change', ({ target }) => {
    if (target.checked) add(target);
    else rowOf(target)?.querySelector('.remove').click();
    settle();
  });
  part.addEventListener('click', (event) => {
    if (!event.target.closest('[data-all]')) return;
    for (const box of boxes) if (!box.checked) add(box);
    input.focus();
  });
  new MutationObserver(settle).observe(list, { childList: true });
}
