/* The server answers with finished parts of the page; here they take their places by id. */
import { showDialog } from './dialogs.js';

/** The parts of an answer; none when it is a whole page, which nobody asked for. */
export function parse(html) {
  const page = new DOMParser().parseFromString(html, 'text/html');
  if (page.getElementById('app')) return [];
  return [...page.body.children].filter((part) => part.id).map((part) => document.adoptNode(part));
}

/** Puts the parts in place; tells of a new editor by the event `recordshown`. */
export function swap(parts) {
  for (const part of parts) place(part);
  countDown();
  if (!parts.some((part) => part.id === 'record')) return;
  document.dispatchEvent(new Event('recordshown'));
}

/** A portal that said when it has time again is asked again then. */
export function countDown() {
  if (document.querySelector('[data-countdown]')) import('./countdown.js').then((module) => module.start(), () => {});
}

export const clearProblem = () => document.getElementById('problem').replaceChildren();

/** Puts the content of a <template> in place as if the server had just sent it. */
export function swapTemplate(id) {
  swap([...document.getElementById(id).content.cloneNode(true).children]);
}

function place(part) {
  const old = document.getElementById(part.id);
  if (old && part.dataset.age === 'unknown') keepAge(old, part);
  if (old) old.replaceWith(part);
  else document.getElementById(part.dataset.into)?.prepend(part);
  if (part.querySelector('time[datetime]')) import('./local-times.js').then((times) => times.localize(part));
  if (part.matches('dialog')) showDialog(part).then(() => part.remove());
  for (const region of part.querySelectorAll('[role=status]')) fillLater(region);
}

// A portal tells the age of records only with the whole list, so a saved one comes without.
function keepAge(old, part) {
  const age = old.querySelector('.age');
  if (age) part.append(' ', age);
  part.dataset.age = old.dataset.age;
  if (old.dataset.flags.split(' ').includes('late')) part.dataset.flags += ' late';
}

// A screen reader announces what changes inside a status, not what arrives together with it.
function fillLater(region) {
  const content = [...region.childNodes];
  region.replaceChildren();
  setTimeout(() => region.append(...content), 50);
}
