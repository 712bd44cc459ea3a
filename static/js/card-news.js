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
    const before = String(shown());
    const fields = new URLSearchParams([...shown(), ['customer', customer], ['until', until]]);
    const answer = await send(url, fields);
    const parts = answer.ok ? parse(await answer.text()) : [];
    // Something was saved here meanwhile: what was asked before that is asked again.
    if (app.ariaBusy !== 'true' && String(shown()) === before) put(parts);
    return answer;
  });
}

function put(parts) {
  const button = document.activeElement.closest('#waiting button');
  const again = button && `#${button.closest('li').id}:not([hidden]) [formaction="${button.getAttribute('formaction')}"]`;
  const rows = parts.filter((part) => part.dataset.record);
  const fresh = rows.filter((row) => !document.getElementById(row.id));
  putRows(parts);
  for (const row of fresh) sort(row);
  if (again && !button.isConnected) (document.querySelector(again) ?? document.getElementById('count')).focus();
}

/** Puts a row where the page would have it: the newest record first. */
function sort(row) {
  const older = [...row.parentElement.children].find((one) => Number(one.dataset.record) < row.dataset.record);
  row.parentElement.insertBefore(row, older ?? null);
}
