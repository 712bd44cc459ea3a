/* What a user has chosen about the page. The portal keeps it with its user options; this browser keeps
   a copy, where it may, which is there at once. A copy is of one user of one portal. */
import { inPortal, portalFrame } from './frame.js';

/** @param {string} name */
const keyOf = (name) => `${document.querySelector('input[name=session]')?.dataset.user} ${name}`;

/** @param {string} name */
export function choiceOf(name) {
  try {
    return localStorage.getItem(keyOf(name));
  } catch {
    return null; // A browser may refuse to store anything in a frame.
  }
}

/** @param {string} name @param {string} value */
export const keepHere = (name, value) => keep(keyOf(name), value);

/** @param {string} key @param {string} value */
export function keep(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Then only the portal keeps it.
  }
}

/** Calls `use` with what was chosen before, and again if the portal knows better.
    @param {string} name @param {(value: string) => void} use */
export async function followChoice(name, use) {
  const here = choiceOf(name);
  if (here) use(here);
  if (!inPortal()) return;
  // The SDK throws when the option was never set.
  const kept = await portalFrame().then(({ options }) => String(options.userGet(name))).catch(() => here);
  if (!kept || kept === here) return;
  keepHere(name, kept);
  use(kept);
}

/** @param {string} name @param {string} value */
export async function keepChoice(name, value) {
  keepHere(name, value);
  if (!inPortal()) return;
  const { options } = await portalFrame();
  await options.userSet(name, value);
}
