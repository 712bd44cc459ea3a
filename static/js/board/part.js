/* Lays out the beginning of a long list, and more of it when its end comes near: each row that has a
   place costs the browser time in every frame. Loaded at once, beside the list. */

/** So many rows before the end of what has a place, more get one. */
const AHEAD = 40;
const records = document.getElementById('records');
const PART = Number(records.dataset.part);
let most = PART;
let shown = '[role=option]';
let due = 0;

/** To be called when the list is there.
    @param {string} selector of the rows that are shown */
export function keepShort(selector) {
  shown = selector;
  changes.observe(records, { childList: true, subtree: true, attributeFilter: ['aria-selected', 'data-count', 'hidden'] });
  lay();
}

/** Gives rows their places now, if other rows are shown than before. */
export function catchUp() {
  if (changes.takeRecords().length || due) lay();
}

/** Gives the first rows that are shown a place, those around the open record too. */
export function lay() {
  clearTimeout(due);
  due = 0;
  const rows = [...records.querySelectorAll(shown)];
  const open = records.ariaMultiSelectable ? -1 : rows.findIndex((row) => row.ariaSelected === 'true');
  const end = Math.max(most, open + AHEAD);
  for (const [at, row] of rows.entries()) row.classList.toggle('is-later', at >= end);
  near.disconnect();
  // Who jumps to the end sees none but the last.
  if (rows.length > end) for (const row of rows.slice(end - AHEAD, end)) near.observe(row);
}

/** Gives all rows a place. */
export function layAll() {
  most = Infinity;
  lay();
}

const changes = new MutationObserver(() => { due ||= setTimeout(lay); });

const near = new IntersectionObserver((entries) => {
  if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
  most += PART;
  lay();
});

document.getElementById('search').addEventListener('input', () => { most = PART; });
