/* Loads modules that are needed now and then, and says when one does not come. */
import { clearProblem } from './fragments.js';
import { showFailure } from './request.js';

/** `first` imports the module. A browser may keep a failed import for good, so each further try has
    an address of its own.
    @template Module @param {() => Promise<Module>} first @param {string} address
    @param {(module: Module) => unknown} use @param {number} [tries] @returns {Promise<unknown>} */
export async function load(first, address, use, tries = 0) {
  /** @type {Module} */
  let module;
  try {
    module = await (tries ? import(`${address}?${tries}`) : first());
  } catch {
    return showFailure('offline', () => load(first, address, use, tries + 1));
  }
  if (tries) clearProblem();
  return use(module);
}
