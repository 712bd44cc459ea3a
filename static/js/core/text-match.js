/* Searching in texts that the server has written for it. What is typed is read as the server reads
   it: names as in waitlist/texts.py, numbers as in waitlist/phones.py. */

const LONGEST_QUERY = 100;
const SHORTEST = 2;
const MARKS = /[\p{Mn}\p{Cf}]/gu;
const APOSTROPHES = /['’‘ʼʻ′`´ʹ]/g;
const BETWEEN_WORDS = /(?![#@:&%])[\p{P}\p{Z}\p{Cc}]+/gu;
const DIGITS = /[٠-٩۰-۹]/g;
const EAST_ASIAN = /^[\u1100-\u11ff\u3041-\u30ff\u3400-\u9fff\uac00-\ud7af\u{20000}-\u{3ffff}]/u;
const [LETTERS, PLAIN] = ['łıøđðħŧɖɗɓƙƴɨʉȷŋɛəɔςґیىکةہ', 'lioddhtddbkyiujneeoσгييكهه'];
/** @type {Record<string, string>} */
const LIGATURES = { ß: 'ss', æ: 'ae', œ: 'oe', þ: 'th', ـ: '' };
const LETTER = new RegExp(`[${LETTERS}${Object.keys(LIGATURES).join('')}]`, 'g');
const EXTENSION = /\s*(?:[;#,]|(?:ext|x|доб|вн)\.?)\s*\d{1,7}$/i;
const NUMBER = /^[+(]*\d[\d\s()./-]*$/;
const COUNTRY_CODE = /^(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[2-9]\d\d)/;
const FEWEST_DIGITS = 4;
const FEWEST_SAME = 7;
const LONGEST_PREFIX = 4;

/** Returns whether a query is long enough to search CRM; one character is where it is a word.
    @param {string} query */
export const isEnough = (query) => query.length >= SHORTEST || EAST_ASIAN.test(query);

/** Returns a function that tells whether a row matches.
    @param {string} query */
export const matcher = (query) => readQuery(query).matches;

/** Returns the words, e-mails and digits to look for in what was typed, and how to look for them.
    @param {string} query */
export function readQuery(query) {
  const parts = query.slice(0, LONGEST_QUERY).split(/[\s<>()[\],;"“”„]+/);
  const emails = parts.filter((part) => part.includes('@'))
    .map((part) => fold(part.replace(/^mailto:|\?.*$/gi, '')));
  const words = fold(parts.filter((part) => !part.includes('@')).join(' ')).split(' ').filter(Boolean);
  const { isNumber, digits } = readNumber(query.slice(0, LONGEST_QUERY));
  const byName = words.length > 0 || !emails.length;
  /** @param {{ text: string, phones: string }} row */
  const matches = ({ text, phones }) => (byName && words.every((word) => holds(text, word)))
    || emails.some((email) => text.includes(email))
    || (digits.length > 0 && phones.split(/\s/).some(isNumber));
  return { words, emails, digits, isNumber, matches };
}

/** A name without spaces is also found in two parts.
    @param {string} text @param {string} word */
const holds = (text, word) => text.includes(word) || (EAST_ASIAN.test(word)
  && [...word].some((_, at) => at && text.includes(word.slice(0, at)) && text.includes(word.slice(at))));

/** Combining marks go first: sorting a long run of them takes quadratic time.
    @param {string} text */
export const fold = (text) => text.toLowerCase().replace(MARKS, '').normalize('NFKD').replace(MARKS, '')
  .toLowerCase().replace(APOSTROPHES, '').replace(DIGITS, ascii).replace(BETWEEN_WORDS, ' ')
  .replace(LETTER, (letter) => LIGATURES[letter] ?? PLAIN.charAt(LETTERS.indexOf(letter))).trim();

/** @param {string} digit */
const ascii = (digit) => String(digit.charCodeAt(0) % 16);

/** Returns a function that tells whether a number of a row is the one that was typed, and the digits
    that may stand in it. A row has the digits as they stand in CRM, and those with a country code, or
    with one 0 in its place.
    @param {string} query @returns {{ isNumber: (phone: string) => boolean, digits: string[] }} */
function readNumber(query) {
  const text = query.replace(MARKS, '').normalize('NFKC').replace(DIGITS, ascii)
    .replace(/[\p{Pd}\u2212\u30fc]/gu, '-').replace(/^\s*tel:/i, '').trim().replace(EXTENSION, '');
  const written = text.replace(/\D/g, '');
  if (!NUMBER.test(text) || written.length < 2) return { isNumber: () => false, digits: [] };
  const abroad = /^[\s(]*\+/.test(text) || (written.startsWith('00') && written.length >= 10);
  const digits = text.replace(/\(\s*0\s*\)/g, '').replace(/\D/g, '')
    .replace(abroad ? /^0+/ : /^(?:0+|8(?=\d{10}$)0?)/, '');
  const code = abroad ? COUNTRY_CODE.exec(digits)?.[0] ?? '' : '';
  const national = digits.slice(code.length).replace(code ? /^0+/ : '', '');
  const whole = code + national;
  const long = national.length >= FEWEST_DIGITS;
  const afterEight = !code && /^8\d{6,9}$/.test(written) ? written.slice(1) : written;
  /** @param {string} phone */
  const isNumber = (phone) => {
    if (phone.includes(afterEight) || phone.includes(written) || (long && phone.includes(whole))) return true;
    const atHome = phone.startsWith('0');
    const stored = phone.replace(/^0+/, '');
    if (code && !atHome) return false;
    return (Boolean(code) && long && stored.startsWith(national)) || differsByPrefix(whole, stored);
  };
  return { isNumber, digits: [written, afterEight, whole, national] };
}

/** @param {string} one @param {string} other */
function differsByPrefix(one, other) {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return short.length >= FEWEST_SAME && long.length - short.length <= LONGEST_PREFIX && long.endsWith(short);
}
