/* Shows in rows, in hits and in tabs when a customer comes next. The portal has to be asked about each
   customer: first those in sight, then the main customers, and not all of a very long list. Loaded after
   the page is there. */
import { parse } from '../core/fragments.js';
import { pauseFor, visible } from '../core/poll.js';
import { pointerReleased } from '../core/pointer.js';
import { actionOf, postQuietly } from '../core/request.js';

/** Customers of one request, and of all requests until the user asks for more. */
const AT_ONCE = 48;
const MOST = 4 * AT_ONCE;
/** Milliseconds after which what is typed or scrolled has come to rest. */
const CALM = 400;
const MINUTE = 60_000;
/** Seconds until the next try, if the server does not say. */
const LONG_PAUSE = 30;
const ROWS = '#records [role=option]';
const PLACES = `:is(${ROWS}, #in-crm [role=option], #found [role=option], .waiting[data-keys], .person[data-key])`;
const { url } = document.getElementById('next').dataset;
const chip = document.getElementById('booked');

/** The answers by customer; null for a customer without a booking.
    @type {Map<string, HTMLElement | null>} */
const known = new Map();
/** Customers that the portal was asked about.
    @type {Set<string>} */
let asked = new Set();
/** Customers whose bookings this page has changed: the server must not answer from its memory.
    @type {Set<string>} */
const anew = new Set();
let room = MOST;
let busy = false;
/** Places show bookings that are no longer known. */
let isStale = false;
let timer = 0;
/** A booking is being made, or goes back. */
let changing = false;

/** Rows are replaced as a whole, so what is known of one does not change.
    @type {WeakMap<HTMLElement, string[]>} */
const keys = new WeakMap();
/** When the booking begins that a place shows.
    @type {WeakMap<HTMLElement, string | undefined>} */
const shown = new WeakMap();

/** @param {string} [which] @returns {HTMLElement[]} */
const places = (which = '') => [...document.querySelectorAll(PLACES + which)];

/** Returns the customers of a row, the main one first. New ones have no number yet.
    @param {HTMLElement} place */
function keysOf(place) {
  const { people, keys: some, key } = place.dataset;
  const found = keys.get(place) ?? people?.match(/^\w+:\d+/gm) ?? (some ?? key ?? '').split(' ').filter((one) => /:\d/.test(one));
  keys.set(place, found);
  return found;
}

/** Resolves to those of the places that are in sight.
    @param {HTMLElement[]} those @returns {Promise<HTMLElement[]>} */
const inSight = (those) => new Promise((resolve) => {
  const observer = new IntersectionObserver((entries) => {
    observer.disconnect();
    resolve(entries.filter((one) => one.isIntersecting).map(({ target }) => /** @type {HTMLElement} */ (target)));
  });
  for (const place of those) observer.observe(place);
  if (!those.length) resolve([]);
});

/** @param {HTMLElement} place */
const mainOf = (place) => keysOf(place)[0] ?? '';

/** Returns the customers to ask about next. Rows in sight are always told of their main customer. */
async function choose() {
  const unknown = places(':not(.is-later, [hidden])').filter((place) => keysOf(place)[0] && !asked.has(mainOf(place)));
  const now = new Set((await inSight(unknown)).map(mainOf));
  const others = asked.size + now.size < room ? places().flatMap((place) => keysOf(place).map((key, rank) => ({ key, rank }))) : [];
  for (const { key } of others.filter((one) => !asked.has(one.key)).sort((one, other) => one.rank - other.rank)) {
    if (asked.size + now.size >= room) break;
    now.add(key);
  }
  return [...now].slice(0, AT_ONCE);
}

async function update() {
  if (busy) return;
  busy = true;
  forgetPast();
  showIn(places().filter((place) => isStale || !shown.has(place)));
  isStale = false;
  for (let some = await choose(); some.length; some = await choose()) {
    await visible();
    const answer = await postQuietly(url, fieldsFor(some)).catch(() => null);
    // If the server refuses the user, nothing more is asked.
    if (answer && !answer.ok && ![502, 503].includes(answer.status)) return;
    // The connection may be lost amid an answer.
    const html = answer?.ok ? await answer.text().catch(() => null) : null;
    if (html !== null) await take(some, parse(html));
    else await pauseFor(Number(answer?.headers.get('Retry-After')) || LONG_PAUSE);
  }
  busy = false;
  if (chip) showHowManyAreKnown(chip);
}

/** @param {string[]} some */
const fieldsFor = (some) => [
  ...some.map((key) => ['customer', key]),
  ...some.filter((key) => anew.has(key)).map((key) => ['anew', key]),
];

/** @param {string[]} some @param {HTMLElement[]} parts */
async function take(some, parts) {
  for (const key of some) {
    asked.add(key);
    anew.delete(key);
  }
  for (const part of parts) {
    const key = part.id.replace('next-', '');
    part.removeAttribute('id');
    const left = Number(part.dataset.begins);
    // By the clock of this computer, which may be wrong.
    part.dataset.begins = String(Date.now() + left * 1000);
    known.set(key, left ? part : null);
  }
  await pointerReleased();
  const told = new Set(some);
  showIn(places().filter((place) => !shown.has(place) || keysOf(place).some((key) => told.has(key))));
}

/** Shows what is known in places. Heights are read before anything changes: else a browser lays out the
    page for each of them.
    @param {HTMLElement[]} those */
function showIn(those) {
  const lines = those.map((place) => (place.matches(ROWS) ? 0 : linesOf(place.querySelector('.sub'))));
  for (const [at, place] of those.entries()) show(place, lines[at] ?? 0);
}

/** @param {HTMLElement | null} words */
const linesOf = (words) => (words ? Math.round(words.offsetHeight / parseFloat(getComputedStyle(words).lineHeight)) : 0);

/** Shows the first booking of the customers in a place. The words beside it keep their lines.
    @param {HTMLElement} place @param {number} lines that its words have, or 0 */
function show(place, lines) {
  const [first] = keysOf(place).flatMap((key) => known.get(key) ?? []).sort((one, other) => begin(one) - begin(other));
  const before = shown.get(place);
  shown.set(place, first?.dataset.begins);
  if (before === first?.dataset.begins) return;
  place.querySelector('.next')?.remove();
  const line = place.querySelector('.sub');
  if (place.matches(ROWS)) {
    const others = place.dataset.flags.split(' ').filter((flag) => flag !== 'booked');
    place.dataset.flags = [...others, ...first ? ['booked'] : []].join(' ');
    // Beside the line, which also says why a search has found the row.
    if (first) place.querySelector('.who')?.after(first.cloneNode(true));
  } else if (first && line) {
    if (lines) Object.assign(line.style, { webkitLineClamp: String(lines), maxBlockSize: `${lines}lh` });
    line.prepend(first.cloneNode(true));
  }
}

/** @param {HTMLElement} one */
const begin = (one) => Number(one.dataset.begins);

/** Forgets bookings that have begun. */
function forgetPast() {
  for (const [key, one] of known) {
    if (!one || begin(one) > Date.now()) continue;
    known.delete(key);
    asked.delete(key);
    isStale = true;
  }
}

/** Offers the filter, and says so if not all customers of the list are known.
    @param {HTMLElement} filter */
function showHowManyAreKnown(filter) {
  if (known.size) filter.classList.remove('is-waiting');
  const hint = document.getElementById('not-asked');
  const all = new Set(/** @type {HTMLElement[]} */ ([...document.querySelectorAll(ROWS)]).flatMap(keysOf));
  const count = [...all].filter((key) => known.has(key)).length;
  const text = count === all.size ? '' : hint.dataset.text.replace('{count}', String(count)).replace('{total}', String(all.size));
  if (filter.title === text) return;
  filter.title = text;
  if (!text && hint.contains(document.activeElement)) filter.focus();
  hint.hidden = !text;
  hint.querySelector('span')?.replaceChildren(text);
}

/** Asks again about customers whose bookings may have changed: those of the record that is shown, too.
    @param {HTMLElement[]} rows */
function renew(rows) {
  changing = false;
  for (const key of [...anew, ...rows.flatMap(keysOf), ...valuesOf('#editor [name=base]')]) {
    anew.add(key);
    known.delete(key);
    asked.delete(key);
  }
  isStale = true;
}

/** @param {string} selector */
const valuesOf = (selector) => /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll(selector)]).map(({ value }) => value);

function soon() {
  clearTimeout(timer);
  timer = setTimeout(update, CALM);
}

document.addEventListener('submit', ({ target, submitter }) => {
  changing ||= /\/(book|back)$/.test(actionOf(target, submitter));
  if (changing) for (const key of valuesOf('#book [name=seen], #card [name=customer]')) anew.add(key);
});
document.addEventListener('click', ({ target }) => {
  if (!target.closest('#not-asked button')) return;
  room += MOST;
  asked = new Set(known.keys());
  soon();
});
document.addEventListener('scroll', soon, { capture: true, passive: true });
new MutationObserver((changes) => {
  const rows = changes.flatMap(({ addedNodes }) => /** @type {HTMLElement[]} */ ([...addedNodes]))
    .filter(({ id }) => /^(record|row-\d+)$/.test(id));
  if (changing && rows.length) renew(rows);
  soon();
}).observe(document.getElementById('app'), { childList: true, subtree: true });
setInterval(update, MINUTE);
update();
