"""Takes a note apart into words, numbers, times and marks, in linear time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from waitlist.texts import fold, unaccented

LONGEST_READ = 2_000
"""Characters of a note that are read."""
MOST_DIGITS = 20
TOKEN = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d(?!\d)|\d\d?[./]\d\d?[./](?:\d{4}|\d\d)?(?!\d))"
    r"|(?P<clock>\d\d?[:hH.]\d\d(?![\d.]*\d))"
    r"|(?P<number>\d+)"
    r"|(?P<half>[APap]\.\s?[Mm]\b\.?)"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<dash>[-\u2012-\u2015\u2212])"
    r"|(?P<comma>[,،()\[\]{}])"
    r"|(?P<also>[/&+])"
    r"|(?P<dot>\.)"
    r"|(?P<stop>[;!?\n؛؟•|])"
)


class Shape(StrEnum):
    """What a token looks like. The values are the groups of TOKEN."""

    DATE = "date"
    CLOCK = "clock"
    NUMBER = "number"
    WORD = "word"
    DASH = "dash"
    COMMA = "comma"
    ALSO = "also"
    DOT = "dot"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number, a time or a mark. `text` is folded; `is_capital` tells the first letter.

    `number` is the number, or the minutes of a time, and -1 for others and for numbers with more
    than two digits. A number with `is_padded` begins with 0, and an `is_dotted` time has a dot.
    Nothing stands between a token that `is_glued` and the one before: `4` and `pm` in `4pm`.
    """

    shape: Shape
    text: str
    is_capital: bool = False
    number: int = -1
    is_padded: bool = False
    is_dotted: bool = False
    is_glued: bool = False


def tokens_of(note: str) -> tuple[Token, ...]:
    """Return the tokens of a note, of which at most LONGEST_READ characters are read."""
    return tuple(_tokens(unaccented(note[:LONGEST_READ])[: 2 * LONGEST_READ]))


def _tokens(text: str) -> Iterator[Token]:
    end = -1
    for found in TOKEN.finditer(text):
        raw, group = found[0], found.lastgroup
        is_glued, end = found.start() == end, found.end()
        if group == "half":
            yield Token(Shape.WORD, f"{raw[0].lower()}m", is_glued=is_glued)
        elif group == "word":
            yield Token(Shape.WORD, fold(raw), raw[0].isupper(), is_glued=is_glued)
        elif group == "number":
            yield _number(raw, is_glued)
        elif group == "clock":
            yield _clock(raw)
        elif group == "date":
            # `16.30.` at the end of a sentence is a time.
            day_month = re.split(r"[./-]", raw)
            is_clock = raw.endswith(".") and int(day_month[1]) > 12
            yield _clock(raw[:-1]) if is_clock else Token(Shape.DATE, raw)
            if is_clock:
                yield Token(Shape.DOT, ".")
        else:
            yield Token(Shape(group or ""), raw)


def _number(raw: str, is_glued: bool) -> Token:
    text = fold(raw[:MOST_DIGITS])
    number = int(text) if len(raw) <= 2 else -1
    return Token(Shape.NUMBER, text, number=number, is_padded=text[0] == "0", is_glued=is_glued)


def _clock(raw: str) -> Token:
    hour, minute = re.split("[:hH.]", raw)
    minutes = 60 * int(hour) + int(minute)
    known = minutes <= 24 * 60 and int(minute) < 60
    return Token(
        Shape.CLOCK,
        raw,
        number=minutes if known else -1,
        is_padded=fold(raw[0]) == "0" or "h" in raw.lower(),
        is_dotted="." in raw,
    )
