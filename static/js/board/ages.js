/* Puts the bar of ages where it is seen, also for the keyboard, and keeps it and its table in step with
   what the list shows. The list itself counts in the words beside the bar. Loaded when the page is
   ready. */
const ages = document.getElementById('ages');
const words = [...ages?.querySelectorAll('.chip') ?? []];

function draw() {
  const counts = words.map((word) => Number(word.querySelector('.count')?.textContent));
  const total = counts.reduce((sum, count) => sum + count, 0);
  let start = 0;
  words.forEach(({ dataset: { filter } }, place) => {
    const count = counts[place] ?? 0;
    const width = total ? 100 * count / total : 0;
    for (const rect of ages?.querySelectorAll(`g[data-filter=${filter}] rect`) ?? []) {
      rect.setAttribute('x', `${start}%`);
      rect.setAttribute('width', `${width}%`);
    }
    ages?.querySelector(`[data-of=${filter}]`)?.replaceChildren(String(count));
    start += width;
  });
}

if (ages) document.querySelector('.head')?.after(ages);
const observer = new MutationObserver(draw);
for (const word of words) observer.observe(word, { childList: true, subtree: true });
