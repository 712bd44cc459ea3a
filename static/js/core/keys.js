/* What handlers of keys have to know. */

export const dialogIsOpen = () => document.querySelector('dialog:modal') !== null;

/** The letter of a key: a Latin one by its place where the keyboard has another script there.
    @param {KeyboardEvent} event */
export const letterOf = ({ key, code }) => (/^(?!\p{Script=Latin})[\p{L}\p{M}]+$/u.test(key) ? code.slice(3) : key).toLowerCase();

/** @param {KeyboardEvent} event */
export const isUndo = (event) => (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey
  && letterOf(event) === 'z';
