/* Requests to the app: they renew an expired session once, show when they take long, and say so
   when nothing came back. */
import { parse, swap } from './fragments.js';
import { frameSession, renewalSettled, renewSession } from './session.js';

const LONG = 1_000;
const SLOW = 8_000;
const underWay = new Set();

/** Posts the fields; resolves to `{ ok, parts }`, or to null when there is nothing to show: the
    request was aborted, or what failed is on the screen already. *Try again* calls `again`. */
export async function post(url, fields, { signal, again }) {
  const finished = showProgress();
  try {
    const answer = await send(url, fields, signal);
    const parts = parse(await answer.text());
    if (!parts.length) return tell('unanswered', again);
    onRetry(parts, again);
    return { ok: answer.ok, parts };
  } catch (error) {
    return error.name === 'AbortError' ? null : tell('offline', again);
  } finally {
    finished();
  }
}

/** As `post`, for work that nobody waits for: resolves to the bare answer, and rejects without one. */
export async function send(url, fields, signal) {
  const body = new URLSearchParams(fields);
  body.delete('session');
  const attempt = () => fetch(url, {
    method: 'POST', body, signal, headers: { 'X-Frame-Session': frameSession() },
  });
  await renewalSettled();
  const session = frameSession();
  const answer = await attempt();
  return answer.status === 401 && await renewSession(session) ? attempt() : answer;
}

/** What *Try again* does in parts of an answer that may say what went wrong. */
export function onRetry(parts, again) {
  for (const button of parts.flatMap((part) => [...part.querySelectorAll('[data-retry]')])) {
    button.addEventListener('click', (event) => {
      event.preventDefault();
      again();
    });
  }
}

/** Says by a <template> of the page that nothing came back. Being online again is *Try again*. */
export function tell(template, again) {
  const parts = [...document.getElementById(template).content.cloneNode(true).children];
  const button = parts[0].querySelector('[data-retry]');
  onRetry(parts, again);
  swap(parts);
  if (template === 'offline') window.addEventListener('online', () => button.isConnected && button.click(), { once: true });
  return null;
}

function showProgress() {
  const progress = document.getElementById('progress');
  const request = {};
  const show = setTimeout(() => { progress.hidden = false; }, LONG);
  const complain = setTimeout(() => { progress.classList.add('is-slow'); }, SLOW);
  underWay.add(request);
  return () => {
    clearTimeout(show);
    clearTimeout(complain);
    underWay.delete(request);
    if (underWay.size) return;
    progress.hidden = true;
    progress.classList.remove('is-slow');
  };
}
