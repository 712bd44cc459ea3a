/* Says which records were not removed, because the page was closed while *Undo* was still shown, and
   offers to remove them now. Loaded after the page is there. */
import { fromTemplate } from '../../core/fragments.js';
import { load } from '../../core/load.js';
import { readPreference, savePreferenceHere } from '../../portal/preferences.js';
import './toasts.js';

const KEY = 'not-removed';
/** So many records are named. */
const MOST = 5;
const ids = (readPreference(KEY) ?? '').split(' ');
/** Those that are still on the list. */
const rows = () => ids.flatMap((id) => document.querySelector(`#records [role=option][value="${id}"]`) ?? []);
const titles = rows().map((row) => row.dataset.title);
const [bar] = titles.length ? fromTemplate(KEY) : [];

savePreferenceHere(KEY, '');
if (bar) {
  const names = titles.length > MOST
    ? import('./outcomes.js').then(({ countOf }) => countOf(titles.length))
    : Promise.resolve(titles.join(', '));
  names.then((text) => bar.querySelector('bdi')?.append(text), () => {});
  const buttons = [...bar.querySelectorAll('button')];
  for (const button of buttons) button.addEventListener('click', () => bar.remove());
  buttons[0]?.addEventListener('click', () => load(() => import('../removal.js'), import.meta.resolve('../removal.js'), (it) => it.removeRows(rows())));
  document.getElementById('toasts').append(bar);
}
