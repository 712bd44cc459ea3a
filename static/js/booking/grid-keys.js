/* Arrow keys in the grid of free times. A cell holds the times of one resource in one hour. */

/** @param {Element} cell */
const slotsOf = (cell) => /** @type {HTMLElement[]} */ ([...cell.querySelectorAll('button')]);

/** Moves the focus; returns whether the key was one of the grid's.
    @param {HTMLElement} grid @param {HTMLElement} slot @param {string} key */
export function moveFrom(grid, slot, key) {
  const to = next(grid, slot, key);
  if (to === undefined) return false;
  if (to) {
    for (const one of slotsOf(grid)) one.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
  }
  return true;
}

/** Returns the slot that a key leads to: null at an edge, undefined for other keys.
    @param {HTMLElement} grid @param {HTMLElement} slot @param {string} key */
function next(grid, slot, key) {
  const rows = [...grid.querySelectorAll('[role=row]')].map((row) => [...row.querySelectorAll('[role=gridcell]')]);
  const row = rows.findIndex((cells) => cells.some((cell) => cell.contains(slot)));
  const column = rows[row]?.findIndex((cell) => cell.contains(slot)) ?? -1;
  if (column < 0) return undefined;
  const down = rows.flatMap((cells) => (cells[column] ? slotsOf(cells[column]) : []));
  const across = (rows[row] ?? []).map(slotsOf);
  const forward = getComputedStyle(grid).direction === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
  const place = down.indexOf(slot);
  if (key === 'ArrowDown') return down[place + 1] ?? null;
  if (key === 'ArrowUp') return down[place - 1] ?? null;
  if (key === 'Home') return across.flat()[0] ?? null;
  if (key === 'End') return across.flat().at(-1) ?? null;
  if (key !== 'ArrowLeft' && key !== 'ArrowRight') return undefined;
  const beside = key === forward ? across.slice(column + 1) : across.slice(0, column).reverse();
  // In a row without a free time beside it, the focus stays.
  return beside.find((slots) => slots.length)?.[0] ?? null;
}
