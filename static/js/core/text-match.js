/* Searching in texts that the server has written for it. */

const LONGEST_QUERY = 100;
const MARKS = /\p{Mn}/gu;
const PHONE = /^[\d\s+()./-]+$/;

/** Returns a function that tells whether a row matches.
    @param {string} query @returns {(row: { text: string, phones: string }) => boolean} */
export function matcher(query) {
  const words = plain(query).split(/\s+/).filter(Boolean);
  const digits = PHONE.test(query) ? query.replace(/\D/g, '') : '';
  return (row) => words.every((word) => row.text.includes(word))
    || (digits.length > 1 && row.phones.includes(digits));
}

/** As `plain` on the server. Combining marks go first: sorting a long run of them takes quadratic
    time.
    @param {string} text */
const plain = (text) => text.slice(0, LONGEST_QUERY).replace(MARKS, '').normalize('NFKD')
  .replace(MARKS, '').toLowerCase();
