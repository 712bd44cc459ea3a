/* Asks whether the installation differs from what the app needs. Loaded for administrators. */
import { parse, swap } from '../core/fragments.js';
import { visible } from '../core/poll.js';
import { postQuietly } from '../core/request.js';

/** @param {string} url */
export async function lookForDifference(url) {
  await visible();
  const answer = await postQuietly(url, {});
  if (answer.ok) swap(parse(await answer.text()));
}
