/* The first focus, and commands by a single letter. They can be switched off, as speech input sends
   letters, too. Loaded when the page is ready. */
import { followPreference, savePreference } from '../portal/preferences.js';
import { ask } from '../core/dialogs.js';
import { dialogIsOpen, letterOf } from '../core/keys.js';
import { isBusy } from '../record/busy.js';

const search = document.getElementById('search');
const letters = document.getElementById('letters');

/** After so many milliseconds the user may be typing in the portal. */
const START = 3_000;
// They can only read the list. It was not known yet when the button was sent.
if (document.querySelector('.page > .only-reading')) document.getElementById('new-record').remove();
const record = () => document.getElementById('record');

/** Shows the free times of the row with the focus, or of the open record. */
function bookRow() {
  const row = /** @type {HTMLButtonElement | null | undefined} */ (document.activeElement?.closest('[role=option]'));
  const open = () => document.getElementById('make-booking')?.requestSubmit();
  if (!row || row.value === record().dataset.record) open();
  else {
    document.addEventListener('recordshown', () => row.value === record().dataset.record && open(), { once: true });
    row.click();
  }
}

/** @type {Record<string, () => void>} */
const commands = {
  '/': () => { search.focus(); search.select(); },
  b: bookRow,
  n: () => document.getElementById('new-record')?.requestSubmit(),
  '?': () => ask('shortcuts'),
};

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || dialogIsOpen() || !letters.checked) return;
  // Letters that are typed while the editor is blocked are no commands.
  const typed = event.target.matches(isBusy() ? 'input, textarea, body' : 'input, textarea');
  const command = typed || event.ctrlKey || event.metaKey || event.altKey ? null : commands[letterOf(event)];
  if (!command) return;
  event.preventDefault();
  command();
});

document.getElementById('show-shortcuts').addEventListener('click', () => ask('shortcuts'));

const atDesk = !matchMedia('(any-pointer: coarse), (max-width: 899px)').matches;
if (atDesk && performance.now() < START && document.activeElement === document.body) search.focus({ preventScroll: true });

letters.addEventListener('change', () => savePreference('letters', letters.checked ? 'on' : 'off').catch(() => {}));
followPreference('letters', (choice) => { letters.checked = choice !== 'off'; });
