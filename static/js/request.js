/* Requests to the app: they renew an expired session once, show when they take long, and say so
   when nothing came back. */
import { parse, swapTemplate } from './fragments.js';
import { frameSession, renewalSettled, renewSession } from './session.js';

const LONG = 1_000;
const SLOW = 8_000;
const underWay = new Set();

/** Posts the fields; resolves to `{ ok, parts }`, or to null when there is nothing to show: the
    request was aborted, or what failed is on the screen already. */
export async function post(url, fields, { signal } = {}) {
  const finished = showProgress();
  try {
    const answer = await send(url, fields, signal);
    const parts = parse(await answer.text());
    return parts.length ? { ok: answer.ok, parts } : tell('unanswered');
  } catch (error) {
    if (error.name === 'AbortError') return null;
    window.addEventListener('online', tryAgain, { once: true });
    return tell('offline');
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

const tryAgain = () => document.querySelector('#problem [data-retry]')?.click();

function tell(template) {
  swapTemplate(template);
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
