/* Requests to the app: they show when they take long, and say when nothing came back. */
import { fromTemplate, parse, swap } from './fragments.js';
import { frameSession, renewalSettled, renewSession } from '../portal/session.js';

/** How long a page is left alone before it asks for what others have done. */
export const CALM = 2_000;
const LONG = 1_000;
const SLOW = 8_000;
let pending = 0;

/** Posts what the user waits for. Resolves to null when nothing is left to show: the request was
    aborted, or the page says what failed. *Try again* calls `again`, and so does *Make it anyway*.
    @param {string} url @param {Fields} fields
    @param {{ signal?: AbortSignal, again: (anyway: boolean) => unknown }} options */
export async function post(url, fields, { signal, again }) {
  const finished = showProgress();
  try {
    const answer = await postQuietly(url, fields, signal);
    const parts = parse(await answer.text());
    if (!parts.length) return showFailure('unanswered', again);
    onRetry(parts, again);
    return { ok: answer.ok, parts };
  } catch (error) {
    return wasAborted(error) ? null : showFailure('offline', again);
  } finally {
    finished();
  }
}

/** Resolves to the parts of the answer or, when there is none, to one that says so; to no parts
    when the request was aborted.
    @param {string} url @param {Fields} fields @param {AbortSignal} [signal] */
export async function postForParts(url, fields, signal) {
  try {
    const answer = await postQuietly(url, fields, signal);
    const parts = parse(await answer.text());
    return parts.length ? parts : fromTemplate('unanswered');
  } catch (error) {
    return wasAborted(error) ? [] : fromTemplate('offline');
  }
}

/** Posts without a word on the page; an expired session is renewed once.
    @param {string} url @param {Fields} fields @param {AbortSignal} [signal] */
export async function postQuietly(url, fields, signal) {
  const body = new URLSearchParams(/** @type {URLSearchParams} */ (fields));
  body.delete('session');
  const attempt = () => fetch(url, { method: 'POST', body, signal, headers: { 'X-Frame-Session': frameSession() } });
  await renewalSettled();
  const session = frameSession();
  const answer = await attempt();
  return answer.status === 401 && await renewSession(session) ? attempt() : answer;
}

/** @param {HTMLFormElement} form @param {HTMLButtonElement | null} [submitter] */
export const actionOf = (form, submitter) => submitter?.getAttribute('formaction') ?? form.getAttribute('action') ?? '';

/** @param {unknown} error */
const wasAborted = (error) => error instanceof Error && error.name === 'AbortError';

/** Sets what *Try again* and *Make it anyway* do in these parts.
    @param {HTMLElement[]} parts @param {(anyway: boolean) => unknown} again */
export function onRetry(parts, again) {
  for (const button of parts.flatMap((part) => [...part.querySelectorAll('[data-retry], [data-anyway]')])) {
    button.addEventListener('click', (event) => {
      event.preventDefault();
      again(button.matches('[data-anyway]'));
    });
  }
}

/** Says that nothing came back. Going online presses *Try again*.
    @param {'offline' | 'unanswered'} template @param {(anyway: boolean) => unknown} again */
export function showFailure(template, again) {
  const parts = fromTemplate(template);
  const button = parts[0]?.querySelector('[data-retry]');
  onRetry(parts, again);
  swap(parts);
  if (template === 'offline') window.addEventListener('online', () => button?.isConnected && button.click(), { once: true });
  return null;
}

function showProgress() {
  const progress = document.getElementById('progress');
  const show = setTimeout(() => { progress.hidden = false; }, LONG);
  const complain = setTimeout(() => { progress.classList.add('is-slow'); }, SLOW);
  pending += 1;
  return () => {
    clearTimeout(show);
    clearTimeout(complain);
    pending -= 1;
    if (pending) return;
    progress.hidden = true;
    progress.classList.remove('is-slow');
  };
}
