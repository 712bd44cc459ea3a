/* Blocks the editor while the answer to a request may replace it. */

let pending = 0;
/** @type {Promise<unknown> | null} */
let unfinished = null;

export const isBusy = () => pending > 0;

export const unfinishedWork = () => unfinished;

/** Blocks the editor during a request that may be canceled.
    @template Answer @param {() => Promise<Answer>} request */
export async function blockEditor(request) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  countPending(1);
  try {
    return await request();
  } finally {
    countPending(-1);
    if (focused?.isConnected && document.activeElement === document.body) focused.focus();
  }
}

/** Blocks the editor during a request that cannot be canceled: leaving the record waits for it.
    @template Answer @param {() => Promise<Answer>} request */
export const blockEditorAndLeaving = (request) => delayLeaving(blockEditor(request));

/** Makes leaving the record wait for this work.
    @template Result @param {Promise<Result>} work */
export function delayLeaving(work) {
  const result = work.finally(() => { if (unfinished === result) unfinished = null; });
  unfinished = result;
  return result;
}

/** @param {1 | -1} more */
function countPending(more) {
  pending += more;
  const record = document.getElementById('record');
  record.ariaBusy = String(isBusy());
  // The way back stays open.
  for (const part of record.querySelectorAll(':scope > :not(.editor-head, #editor), #editor > *')) part.inert = isBusy();
}
