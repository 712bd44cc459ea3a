/* A tab follows what colleagues do with the records that it shows. */
import { parse } from '../core/fragments.js';
import { isNewDay, loadAnew } from '../core/new-day.js';
import { poll } from '../core/poll.js';
import { pointerReleased } from '../core/pointer.js';
import { postQuietly } from '../core/request.js';

const app = document.getElementById('app');

/** `fields` returns what the page shows, or null while this is not the moment to ask; `put` gets the
    parts that have changed since.
    @param {() => string[][] | null} fields @param {(parts: HTMLElement[]) => void} put */
export function followChanges(fields, put) {
  const now = () => (app.ariaBusy === 'true' ? null : fields());
  const outcome = () => document.getElementById('outcome');
  poll(async () => {
    const shown = now();
    if (!shown) return null;
    const { url, until } = document.getElementById('live-updates').dataset;
    const before = outcome();
    const answer = await postQuietly(url, [...shown, ['until', until]]);
    const parts = answer.ok ? parse(await answer.text()) : [];
    await pointerReleased();
    // When something was done here meanwhile, the answer is too old.
    if (String(now()) === String(shown) && outcome() === before) put(parts);
    const tab = /** @type {HTMLFormElement | null} */ (document.getElementById('card'));
    if (tab && isNewDay(answer) && !document.querySelector('#panel > *')) loadAnew(tab);
    return answer;
  });
}
