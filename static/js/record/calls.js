/* Calls to customers: pressing a number tells colleagues that the user is calling, and the time of a
   call back is the next full hour. Loaded after the page is there. */
import { parse, swap } from '../core/fragments.js';
import { actionOf, postQuietly } from '../core/request.js';

const results = () => document.getElementById('call-results');

/** Returns the next full hour by the clock of the portal, or by this device's until it is known.
    @param {HTMLFormElement} form */
function nextHour({ dataset }) {
  const ahead = Number(dataset.ahead ?? -new Date().getTimezoneOffset());
  const now = new Date(Date.now() + ahead * 60_000);
  return `${String((now.getUTCHours() + 1) % 24).padStart(2, '0')}:00`;
}

document.addEventListener('toggle', ({ target }) => {
  const form = results();
  if (form && target.id === 'call' && target.matches('[open]')) form.elements.at.value = nextHour(form);
}, { capture: true });

document.addEventListener('click', async ({ target }) => {
  const form = results();
  if (!form || !target.closest('#record a.phone')) return;
  const answer = await postQuietly(actionOf(form), {}).catch(() => null);
  if (answer?.ok) swap(parse(await answer.text()));
});

// The button that was pressed is gone, or its menu is closed: here, as menu.js may not be there yet.
document.addEventListener('submit', ({ target }) => {
  if (!target.matches('#call-results, .call-state form')) return;
  document.getElementById('call')?.removeAttribute('open');
  document.querySelector('#call summary')?.focus();
});

// *Discard* brings back the editor as it was loaded. What came of a call meanwhile is noted already.
document.addEventListener('click', ({ target }) => {
  const said = document.querySelector('.call-state');
  if (!said || !target.closest('#discard')) return;
  document.addEventListener('recordshown', () => {
    document.querySelector(`#${said.id}`)?.replaceWith(said);
  }, { once: true });
}, { capture: true });
