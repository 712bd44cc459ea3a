/* The tab follows what colleagues do with the records of its customer. */
import { keepAsking } from './clock.js';
import { parse } from './fragments.js';
import { send } from './request.js';
import { putRows } from './rows.js';

const app = document.getElementById('app');

/** `shown` tells the fields that name the records on the page. */
export function followNews(shown) {
  keepAsking(async () => {
    if (app.ariaBusy === 'true') return null;
    const { url, until } = document.getElementById('news').dataset;
    const customer = document.querySelector('#card [name=customer]').value;
    const fields = new URLSearchParams([...shown(), ['customer', customer], ['until', until]]);
    const answer = await send(url, fields);
    if (answer.ok) put(parse(await answer.text()));
    return answer;
  });
}

function put(parts) {
  if (app.ariaBusy === 'true') return;
  const button = document.activeElement.closest('#waiting button');
  const again = button && `#${button.closest('li').id} [formaction="${button.getAttribute('formaction')}"]`;
  putRows(parts);
  if (again && !button.isConnected) (document.querySelector(again) ?? document.getElementById('count')).focus();
}
