/* The server answers with parts of the page. Each replaces the element with its id, as in htmx's
   out-of-band swaps. */

/** Returns the parts of an answer; none when it is a whole page.
    @param {string} html */
export function parse(html) {
  const { body } = new DOMParser().parseFromString(html, 'text/html');
  if (body.querySelector('#app')) return [];
  return childrenOf(body).filter((part) => part.id).map((part) => document.adoptNode(part));
}

/** Puts parts in place; sends `recordshown` when there is a new editor.
    @param {HTMLElement[]} parts */
export function swap(parts) {
  for (const part of parts) place(part);
  countDown();
  if (parts.some((part) => part.id === 'record')) document.dispatchEvent(new Event('recordshown'));
}

/** Puts rows in place without moving selection or focus.
    @param {HTMLElement[]} parts */
export function swapRows(parts) {
  const focused = document.activeElement;
  const neighbor = focused?.nextElementSibling ?? focused?.previousElementSibling;
  for (const part of parts.filter((one) => !one.hidden)) {
    if (document.getElementById(part.id)?.ariaSelected === 'true') part.ariaSelected = 'true';
  }
  swap(parts);
  const part = parts.find(({ id }) => id && id === focused?.id);
  if (part) /** @type {HTMLElement | null | undefined} */ (part.hidden ? neighbor : part)?.focus();
}

/** Tries again when a busy portal has time. */
export function countDown() {
  if (document.querySelector('[data-countdown]')) import('./countdown.js').then((module) => module.start(), () => {});
}

export const clearProblem = () => document.getElementById('problem').replaceChildren();

/** @param {ParentNode} parent */
const childrenOf = (parent) => /** @type {HTMLElement[]} */ ([...parent.children]);

/** Copies what a <template> holds.
    @param {string} id */
export const fromTemplate = (id) => copyOf(/** @type {HTMLTemplateElement} */ (document.getElementById(id)));

/** @param {HTMLTemplateElement} template */
export const copyOf = ({ content }) => childrenOf(document.importNode(content, true));

/** Puts what a <template> holds in place.
    @param {string} id */
export const swapTemplate = (id) => swap(fromTemplate(id));

/** @param {HTMLElement} part */
function place(part) {
  const old = document.getElementById(part.id);
  if (old && part.dataset.age === 'unknown') keepAge(old, part);
  if (old) old.replaceWith(part);
  else document.getElementById(part.dataset.into)?.prepend(part);
  if (part.querySelector('time[datetime]')) import('./local-times.js').then((times) => times.localize(part));
  if (part instanceof HTMLDialogElement) {
    import('./dialogs.js').then(({ showDialog }) => showDialog(part)).then(() => part.remove());
  }
  for (const region of part.querySelectorAll('[role=status]')) fillLater(region);
}

/** A portal tells ages only with the whole list; a saved row comes without.
    @param {HTMLElement} old @param {HTMLElement} part */
function keepAge(old, part) {
  const age = old.querySelector('.age');
  if (age) part.append(' ', age);
  for (const name of /** @type {const} */ (['age', 'days', 'into'])) part.dataset[name] = old.dataset[name] ?? '';
}

/** Screen readers announce what changes in a status, not what arrives with it.
    @param {HTMLElement} region */
function fillLater(region) {
  const content = [...region.childNodes];
  region.replaceChildren();
  setTimeout(() => region.append(...content), 50);
}
