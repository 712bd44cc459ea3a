"""Decides which words of a note are days of the week: `Mi` and `sun` may be something else."""

from collections.abc import Sequence

from waitlist.booking.words.clocks import MOST_LEADS, clock_at, is_date, is_safe, skip_leads
from waitlist.booking.words.items import Item
from waitlist.booking.words.kinds import Days, Kind
from waitlist.booking.words.tokens import Shape

CAPITALIZED = frozenset({"en", "de"})
"""Languages that write short names of days with a capital letter."""
ORDINARY = frozenset(
    ["qui", "qua", "sex", "ter", "do", "di", "mi", "so", "sa", "sat", "sun", "wed"]
)
"""Short names that are words of another language, or of the same."""
LOWER_CASE = frozenset({"fr", "es", "it", "pl", "pt_BR"})
"""Languages that write days without a capital letter, except in names."""
JOINING = (Kind.AND, Kind.TO)
INTRODUCING = (Kind.INTRODUCING, Kind.NOT)
MARKS = (Shape.DASH, Shape.ALSO, Shape.COMMA)


def days_at(items: Sequence[Item], place: int) -> Days:
    """Return the days that a word means where it stands. None for names and other words."""
    item = items[place]
    if sure := item.find(Kind.DAYS):
        return frozenset() if _is_name(items, place, sure.language) else sure.days
    if not item.has(Kind.DOUBTFUL):
        return frozenset()
    for meaning in item.meanings:
        if meaning.kind is Kind.DOUBTFUL and _is_day(items, place, meaning.language):
            return meaning.days
    return frozenset()


def _is_name(items: Sequence[Item], place: int, language: str) -> bool:
    """Return whether a day is a part of a person's name: `Mr Friday`, `Domenica Rossi`."""
    if place and items[place - 1].has(Kind.TITLE) and not items[place - 1].has(Kind.DOUBTFUL):
        return True
    token = items[place].token
    if not token.is_capital or not language or language in ("de", "ar"):
        return False
    around = [items[place - 1]] if place else []
    if language in LOWER_CASE and place + 1 < len(items):
        around.append(items[place + 1])
    return any(one.is_unknown and one.token.is_capital for one in around)


def _is_day(items: Sequence[Item], place: int, language: str) -> bool:
    if language in LOWER_CASE and place and items[place - 1].token.text == "la":
        # The sea and the life, in French and Spanish.
        return False
    token = items[place].token
    has_case = token.is_capital or language not in CAPITALIZED
    beside = (_beside(items, place, step, language) for step in (-1, 1))
    if any(
        is_tight or (has_case and _is_unlike(items, place, other))
        for other, is_tight in beside
        if other is not None
    ):
        return True
    return has_case and (
        _is_before_time(items, place + 1, language) or _is_introduced(items, place, language)
    )


def _beside(
    items: Sequence[Item], place: int, step: int, language: str
) -> tuple[Item | None, bool]:
    """Return the next day in a list, and whether only a dash or a slash is between."""
    at, joined, tight, languages = place + step, False, True, frozenset({language})
    for _ in range(MOST_LEADS):
        if not 0 <= at < len(items):
            return None, False
        item = items[at]
        if joined and (item.find(Kind.DAYS) or item.find(Kind.DOUBTFUL, languages)):
            return item, tight
        if item.token.shape in MARKS or any(item.find(kind, languages) for kind in JOINING):
            tight = tight and item.token.shape in (Shape.DASH, Shape.ALSO)
            joined = True
        elif not (joined and item.has(Kind.LEAD)):
            return None, False
        at += step
    return None, False


def _is_unlike(items: Sequence[Item], place: int, other: Item) -> bool:
    """Return whether one of two days in a list can be nothing else."""
    token = items[place].token
    return token.is_capital or token.text not in ORDINARY or other.token.text not in ORDINARY


def _is_before_time(items: Sequence[Item], place: int, language: str) -> bool:
    """Return whether a part of the day or a time of the clock follows."""
    place = skip_leads(items, place)
    if place >= len(items):
        return False
    item, languages = items[place], frozenset({language})
    if item.find(Kind.PART, languages):
        return True
    if any(item.find(kind, languages) for kind in (Kind.BEFORE, Kind.AFTER, Kind.BETWEEN)):
        place += 1
        clock = clock_at(items, place)
        at = skip_leads(items, place)
        is_part = at < len(items) and items[at].find(Kind.PART, languages) is not None
        return is_part or (clock is not None and is_safe(items, clock, item))
    clock = clock_at(items, place)
    return clock is not None and (
        clock.is_marked or (clock.end < len(items) and items[clock.end].token.shape is Shape.DASH)
    )


def _is_introduced(items: Sequence[Item], place: int, language: str) -> bool:
    before, languages = items[place - 1] if place else None, frozenset({language})
    if before is None or not any(before.find(kind, languages) for kind in INTRODUCING):
        return False
    after = place + 1
    return after >= len(items) or not (items[after].is_unknown or is_date(items, after))
