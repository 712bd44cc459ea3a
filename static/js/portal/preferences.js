/* Preferences of a user, such as the order of the list. The portal keeps them with its user options. This
   browser keeps a copy for each user of a portal, if it may, which is there at once. */
import { inPortal, portalFrame } from './frame.js';

/** @param {string} name */
const keyOf = (name) => `${document.querySelector('input[name=session]')?.dataset.user} ${name}`;

/** @param {string} name */
export function readPreference(name) {
  try {
    return localStorage.getItem(keyOf(name));
  } catch {
    return null; // A browser may refuse to store anything in a frame.
  }
}

/** @param {string} name @param {string} value */
export const savePreferenceHere = (name, value) => store(keyOf(name), value);

/** @param {string} key @param {string} value */
export function store(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Then only the portal keeps it.
  }
}

/** Calls `use` with what was chosen before, and again if the portal knows better.
    @param {string} name @param {(value: string) => void} use */
export async function followPreference(name, use) {
  const here = readPreference(name);
  if (here) use(here);
  if (!inPortal()) return;
  // The SDK throws when the option was never set.
  const kept = await portalFrame().then(({ options }) => String(options.userGet(name))).catch(() => here);
  if (!kept || kept === here) return;
  savePreferenceHere(name, kept);
  use(kept);
}

/** @param {string} name @param {string} value */
export async function savePreference(name, value) {
  savePreferenceHere(name, value);
  if (!inPortal()) return;
  const { options } = await portalFrame();
  await options.userSet(name, value);
}
