/* While the answer to a request may replace the editor, it takes no input. */

let pending = 0;
/** @type {Promise<unknown> | null} */
let unfinished = null;

export const isBusy = () => pending > 0;

export const unfinishedWork = () => unfinished;

/** For a request that may be canceled.
    @template Answer @param {() => Promise<Answer>} request */
export async function hold(request) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  block(1);
  try {
    return await request();
  } finally {
    block(-1);
    if (focused?.isConnected && document.activeElement === document.body) focused.focus();
  }
}

/** For a request that cannot be canceled.
    @template Answer @param {() => Promise<Answer>} request */
export const finish = (request) => settleBeforeLeaving(hold(request));

/** Leaving the record waits for this.
    @template Result @param {Promise<Result>} work */
export function settleBeforeLeaving(work) {
  const result = work.finally(() => { if (unfinished === result) unfinished = null; });
  unfinished = result;
  return result;
}

/** @param {1 | -1} more */
function block(more) {
  pending += more;
  const record = document.getElementById('record');
  record.ariaBusy = String(isBusy());
  // The way back stays open.
  for (const part of record.querySelectorAll(':scope > :not(.editor-head, #editor), #editor > *')) part.inert = isBusy();
}
