/* Light or dark, as the user has chosen it. The head of a page comes before it is known who opens it, so
   it begins with what this browser has shown last. Loaded after the page is there. */
import { readPreference, followPreference, store, savePreference } from './preferences.js';

/** @param {string} theme */
export function chooseTheme(theme) {
  show(theme);
  savePreference('theme', theme).catch(() => {});
}

/** @param {string} theme */
function show(theme) {
  document.documentElement.dataset.theme = theme;
  for (const item of document.querySelectorAll('[role=menuitemradio][data-theme]')) {
    item.ariaChecked = String(item.dataset.theme === theme);
  }
  // templates/base.html reads it.
  store(`${window.name.split('|')[0]} theme`, theme);
}

if (!readPreference('theme')) show(window.parent === window ? 'device' : 'light');
followPreference('theme', show);
