/* Times in the reader's own time zone and the page's language; the server writes them in UTC. */
const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' });

/** @param {HTMLElement} part */
export function localize(part) {
  for (const time of part.querySelectorAll('time[datetime]')) {
    time.textContent = format.format(new Date(time.dateTime));
  }
}
