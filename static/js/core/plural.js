/* Counts in words. Each language has its own plural forms, so the server writes the words for a few counts
   that stand for all forms. */

/** Returns the words for a count.
    @param {HTMLTemplateElement} forms @param {number} count */
export function wordsFor(forms, count) {
  const rules = new Intl.PluralRules(document.documentElement.lang);
  const samples = [...forms.content.querySelectorAll('data')];
  const form = samples.find(({ value }) => rules.select(Number(value)) === rules.select(count)) ?? samples.at(-1);
  return form?.textContent.replace('{count}', String(count)) ?? '';
}
