/* Light or dark, as the user has chosen it. The head of a page comes before it is known who opens it, so
   it begins with what this browser has shown last. Loaded after the page is there. */
import { choiceOf, followChoice, keep, keepChoice } from './choices.js';

/** @param {string} look */
export function choose(look) {
  show(look);
  keepChoice('look', look).catch(() => {});
}

/** @param {string} look */
function show(look) {
  document.documentElement.dataset.look = look;
  for (const item of document.querySelectorAll('[role=menuitemradio][data-look]')) {
    item.ariaChecked = String(item.dataset.look === look);
  }
  // templates/base.html reads it.
  keep(`${window.name.split('|')[0]} look`, look);
}

if (!choiceOf('look')) show(window.parent === window ? 'device' : 'light');
followChoice('look', show);
