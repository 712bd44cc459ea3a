/* A tab follows what colleagues do with the records that it shows. */
import { keepAsking } from '../core/poll.js';
import { parse } from '../core/fragments.js';
import { send } from '../core/request.js';

const app = document.getElementById('app');

/** `fields` tells what the page shows, or null while this is not the moment to ask; `put` gets the
    parts that have changed since. */
export function followNews(fields, put) {
  const now = () => (app.ariaBusy === 'true' ? null : fields());
  const outcome = () => document.getElementById('outcome');
  keepAsking(async () => {
    const shown = now();
    if (!shown) return null;
    const { url, until } = document.getElementById('news').dataset;
    const before = outcome();
    const answer = await send(url, [...shown, ['until', until]]);
    const parts = answer.ok ? parse(await answer.text()) : [];
    // Something was done here meanwhile: what was asked before that is asked again.
    if (String(now()) === String(shown) && outcome() === before) put(parts);
    return answer;
  });
}
