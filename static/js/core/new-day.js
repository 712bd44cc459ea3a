/* Ages like "today" are the server's words: when the portal's day is over, a page is loaded anew. */

let day = '';

/** Returns whether the portal's day is a later one than with the first answer.
    @param {Response} answer */
export function isNewDay(answer) {
  const now = answer.headers.get('X-Portal-Day') ?? '';
  day ||= now;
  return now > day;
}

/** Loads the whole page of a form anew, with more fields, unless something was typed or is asked.
    @param {HTMLFormElement} form @param {Record<string, string>} [fields] */
export function loadAnew(form, fields = {}) {
  const shown = [...document.querySelectorAll('input'), ...document.querySelectorAll('textarea')];
  const typed = shown.some(({ type, value, defaultValue }) => !['hidden', 'checkbox'].includes(type) && value !== defaultValue);
  if (typed || document.querySelector('dialog:modal')) return;
  for (const [name, value] of Object.entries(fields)) {
    const field = document.createElement('input');
    Object.assign(field, { type: 'hidden', name, value });
    form.append(field);
  }
  form.submit();
}
