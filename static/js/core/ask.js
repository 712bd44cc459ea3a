/* Requests whose failure is told where they were made, not below the record. */
import { parse } from './fragments.js';
import { send } from './request.js';

/** Resolves to the parts of the answer; when there is none, to a part that says so. */
export async function partsOf(url, fields, signal) {
  try {
    const answer = await send(url, fields, signal);
    const parts = parse(await answer.text());
    return parts.length ? parts : failure('unanswered');
  } catch (error) {
    return error.name === 'AbortError' ? [] : failure('offline');
  }
}

const failure = (id) => [...document.getElementById(id).content.cloneNode(true).children];
