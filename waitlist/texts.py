"""Text as the app keeps it and compares it, whatever keyboard it comes from.

`static/js/core/text-match.js` folds what is typed on a page as `fold` does; the cases in
`tests/sameness.json` are tried on both. All functions take linear time.
"""

# ruff: noqa: RUF001 - letters of many scripts are intended

import re
import unicodedata
from collections.abc import Callable

LONGEST = 1_000
"""Characters that are kept of a field. CRM keeps no more than 255."""
JOINERS = "\u200c\u200d"
"""Invisible, but part of the spelling in Arabic, Persian, Indic scripts and emoji."""
FIRST_JOINED = "\u0600"
"""The first character of the scripts that use JOINERS."""
KEPT_SIGNS = "#@:&%"
"""Punctuation that counts in a search."""
APOSTROPHES = "'\u2019\u2018\u02bc\u02bb\u2032`\u00b4\u02b9"
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
DASHES = dict.fromkeys([*range(0x2010, 0x2016), 0x2212, 0x30FC, 0xFE58, 0xFE63], "-")
LETTERS = {
    **dict(zip("łıøđðħŧɖɗɓƙƴɨʉȷŋɛəɔςґیىکةہ", "lioddhtddbkyiujneeoσгييكهه", strict=True)),
    **{"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "\u0640": ""},
}
"""Letters that no Unicode normalization takes apart, as another keyboard has them."""
EAST_ASIAN = re.compile(
    "[\u1100-\u11ff\u3041-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]"
)
"""Scripts that write names without spaces, and a whole word in one character."""


class _Table(dict[int, str]):
    """A table for `str.translate` that asks a function once for each character."""

    def __init__(self, function: Callable[[str], str]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, code: int) -> str:
        self[code] = text = self._function(chr(code))
        return text


def clean(text: str) -> str:
    """Return a text as the app keeps it: without invisible characters and odd spaces.

    Full-width letters become ordinary ones, and accents are written in one way (NFC).
    """
    text = text[:LONGEST]
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(FULL_WIDTH))
        text = "".join(map(_visible, text, " " + text))
    kept = (char for char in text if char.isprintable() or char.isspace() or char in JOINERS)
    return " ".join("".join(kept).split())


def clean_plain(text: str) -> str:
    """Return a number or an address in plain characters: digits and dashes become ASCII."""
    text = clean(text)
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text).translate(DASHES)
    return "".join(str(unicodedata.decimal(char, char)) for char in text)


def fold(text: str) -> str:
    """Return a text as it is compared: lower case, no accents, apostrophes or punctuation."""
    text = text.lower()
    if not text.isascii():
        # Marks go first: sorting a long run of them takes quadratic time.
        text = unicodedata.normalize("NFKD", text.translate(_unmarked)).lower()
    return " ".join(text.translate(_folded).split())


def unaccented(text: str) -> str:
    """Return a text without accents and invisible characters.

    Case and punctuation stay.
    """
    if text.isascii():
        return text
    # Marks go first here, too.
    return unicodedata.normalize("NFKD", text.translate(_unmarked)).translate(_unmarked)


def holds(text: str, word: str) -> bool:
    """Return whether a folded text contains a folded word.

    A name without spaces is also found in two parts: `佐藤花子` in `花子 佐藤`.
    """
    if word in text:
        return True
    parts = range(1, len(word)) if is_east_asian(word) else ()
    return any(word[:at] in text and word[at:] in text for at in parts)


def is_east_asian(text: str) -> bool:
    """Return whether a text begins in a script that writes names without spaces."""
    return EAST_ASIAN.match(text) is not None


def _visible(char: str, before: str) -> str:
    if char in JOINERS:
        return char if before >= FIRST_JOINED else ""
    return "" if unicodedata.category(char) == "Cf" else char


def _is_mark(char: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Cf") or unicodedata.combining(char) != 0


def _fold_character(char: str) -> str:
    if char in APOSTROPHES or _is_mark(char):
        return ""
    if char in LETTERS:
        return LETTERS[char]
    if unicodedata.category(char)[0] in "PZC" and char not in KEPT_SIGNS:
        return " "
    return str(unicodedata.decimal(char, char))


_unmarked = _Table(lambda char: "" if _is_mark(char) else char)
_folded = _Table(_fold_character)
