/* What is typed into a search field, against what the server has written to be searched. */

const PHONE = /^[\d\s+()./-]+$/;

/** Tells of a row's `text` and `phones` whether they match. */
export function matcher(query) {
  const words = plain(query).split(/\s+/).filter(Boolean);
  const digits = PHONE.test(query) ? query.replace(/\D/g, '') : '';
  return (row) => words.every((word) => row.text.includes(word))
    || (digits.length > 1 && row.phones.includes(digits));
}

// Like `plain` on the server, which wrote the text that is searched.
const plain = (text) => text.normalize('NFKD').replace(/\p{Mn}/gu, '').toLowerCase();
