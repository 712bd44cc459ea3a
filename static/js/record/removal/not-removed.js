/* Says which records were not removed, because the page was closed while *Undo* was still shown. Loaded
   after the page is there. */
import { fromTemplate } from '../../core/fragments.js';
import { choiceOf, keepHere } from '../../portal/choices.js';

const KEY = 'not-removed';
/** So many records are named. */
const MOST = 5;
const rows = (choiceOf(KEY) ?? '').split(' ').map((id) => document.getElementById(`record-${id}`));
const titles = rows.filter((row) => row !== null).map((row) => row.dataset.title ?? '');
const [bar] = titles.length ? fromTemplate(KEY) : [];

keepHere(KEY, '');
if (bar) {
  const names = titles.length > MOST
    ? import('./fates.js').then(({ countOf }) => countOf(titles.length))
    : Promise.resolve(titles.join(', '));
  names.then((text) => bar.querySelector('bdi')?.append(text), () => {});
  bar.querySelector('button')?.addEventListener('click', () => bar.remove());
  document.getElementById('going').append(bar);
}
