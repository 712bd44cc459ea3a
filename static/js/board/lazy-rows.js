/* Lays out the first rows of a long list, and more when the user scrolls to their end: each row that is
   laid out costs the browser time in every frame. Loaded at once, beside the list. */

/** More rows are laid out when so many before the last one come into view. */
const AHEAD = 40;
const records = document.getElementById('records');
const BATCH = Number(records.dataset.batch);
let limit = BATCH;
let shown = '[role=option]';
let due = 0;

/** To be called when the list is there.
    @param {string} selector of the rows that are shown */
export function startLazyRows(selector) {
  shown = selector;
  listObserver.observe(records, { childList: true, subtree: true, attributeFilter: ['aria-selected', 'data-count', 'hidden'] });
  layOutRows();
}

/** Lays rows out now if other rows are shown than before. */
export function flushLayout() {
  if (listObserver.takeRecords().length || due) layOutRows();
}

/** Lays out the first rows that are shown, and those up to the open record. */
export function layOutRows() {
  clearTimeout(due);
  due = 0;
  const rows = [...records.querySelectorAll(shown)];
  const open = records.ariaMultiSelectable ? -1 : rows.findIndex((row) => row.ariaSelected === 'true');
  const end = Math.max(limit, open + AHEAD);
  for (const [at, row] of rows.entries()) row.classList.toggle('is-later', at >= end);
  endObserver.disconnect();
  // A jump to the end passes over all but the last rows.
  if (rows.length > end) for (const row of rows.slice(end - AHEAD, end)) endObserver.observe(row);
}

/** Lays out all rows. */
export function layOutAllRows() {
  limit = Infinity;
  layOutRows();
}

const listObserver = new MutationObserver(() => { due ||= setTimeout(layOutRows); });

const endObserver = new IntersectionObserver((entries) => {
  if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
  limit += BATCH;
  layOutRows();
});

document.getElementById('search').addEventListener('input', () => { limit = BATCH; });
