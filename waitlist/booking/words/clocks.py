"""Reads times of the clock in a note: `16 Uhr`, `4 pm`, `14h30`, and ranges of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from waitlist.booking.words.items import Item
from waitlist.booking.words.kinds import WHOLE_DAY, DayPart, Kind, TimeRange
from waitlist.booking.words.tokens import Shape

HALF_DAY = 12 * 60
FIRST_HOUR = 7
"""Smaller hours are in the afternoon: `after 4`."""
TWELVE_HOURS = frozenset({"en", "ar"})
"""Languages that often say only `4` for 16:00. In others it is rather four people."""
MOST_LEADS = 3


@dataclass(frozen=True, slots=True)
class Clock:
    """A time in minutes of the day, and the place after it.

    One that `is_marked` is a time by itself; others are only numbers, and those that are `small`
    are more often a count. `half` is `am`, `pm` or "".
    """

    minutes: int
    end: int
    is_marked: bool
    half: str = ""
    is_small: bool = False

    @property
    def afternoon(self) -> Clock:
        return replace(self, minutes=self.minutes + HALF_DAY, half="pm")


def skip_leads(items: Sequence[Item], place: int) -> int:
    """Return the place after a few words such as `the`."""
    for _ in range(MOST_LEADS):
        if place < len(items) and items[place].has(Kind.LEAD):
            place += 1
    return place


def is_date(items: Sequence[Item], place: int) -> int:
    """Return the place after a date such as `14 Nov`, `1. Dezember` or `1 de marzo`, or 0."""
    if items[place].token.shape is Shape.DATE:
        return place + 1
    if 1 <= items[place].token.number <= 31 and items[place].token.shape is Shape.NUMBER:
        at = place + 1
        for _ in range(2):
            if at < len(items) and (
                items[at].has(Kind.LEAD, Kind.FROM) or items[at].token.shape is Shape.DOT
            ):
                at += 1
        if at < len(items) and items[at].has(Kind.MONTH):
            return at + 1
    return 0


def clock_at(items: Sequence[Item], place: int) -> Clock | None:
    """Return the time at a place. A date is none."""
    place = skip_leads(items, place)
    if place >= len(items) or is_date(items, place):
        return None
    token = items[place].token
    if token.number < 0 or token.shape not in (Shape.CLOCK, Shape.NUMBER):
        return None
    is_clock = token.shape is Shape.CLOCK
    minutes = token.number if is_clock else 60 * token.number
    if not 0 < minutes <= WHOLE_DAY:
        return None
    end, half, is_hour = _mark(items, place + 1, minutes)
    if half:
        minutes = minutes % HALF_DAY + (HALF_DAY if half == "pm" else 0)
    elif minutes < 60 * FIRST_HOUR and not token.is_padded:
        minutes += HALF_DAY
    is_marked = is_hour or (is_clock and not token.is_dotted)
    return Clock(minutes, end, is_marked, half, is_small=token.number < FIRST_HOUR)


def _mark(items: Sequence[Item], place: int, minutes: int) -> tuple[int, str, bool]:
    """Return what says that a number is an hour: the place after it, the half, and if there is."""
    end, is_hour = place, False
    if place < len(items) and (
        items[place].has(Kind.HOUR) or (items[place].has(Kind.HOURS) and minutes >= 60 * FIRST_HOUR)
    ):
        end, is_hour = place + 1, True
    if end < len(items) and minutes < HALF_DAY + 60:
        part = items[end].find(Kind.PART)
        is_early = part is not None and part.time is not None and part.time.part is DayPart.MORNING
        if items[end].has(Kind.AM) or (is_early and is_hour):
            return end + 1, "am", True
        if items[end].has(Kind.PM) or (part and not is_early):
            return end + 1, "pm", True
    return end, "", is_hour


def is_safe(items: Sequence[Item], clock: Clock, before: Item) -> bool:
    """Return whether a number is a time by what stands around it.

    It is one in `after 16`, but not in `after 16 visits`.
    """
    if clock.is_marked:
        return True
    if clock.is_small and not any(one.language in TWELVE_HOURS for one in before.meanings):
        return False
    if clock.end >= len(items):
        return True
    following = items[clock.end]
    return not following.is_unknown and not following.has(Kind.MONTH, Kind.HOURS)


def range_at(
    items: Sequence[Item], place: int, before: Item | None = None, *, by_and: bool = False
) -> tuple[TimeRange, int] | None:
    """Return a range such as `14-16 Uhr`, and the place after it.

    `before` is a word such as `from`; without it, a mark of the hour is needed. `by_and` says that
    the two times may be joined by *and*.
    """
    first = clock_at(items, place)
    if first is None or first.end >= len(items):
        return None
    between = items[first.end]
    is_to = between.has(Kind.TO) and (by_and or not between.has(Kind.AND))
    if not (is_to or between.token.shape is Shape.DASH):
        return None
    last = clock_at(items, first.end + 1)
    if last is None:
        return None
    if not (first.is_marked or last.is_marked):
        both = replace(last, is_small=first.is_small)
        if before is None or not is_safe(items, both, before):
            return None
    if last.half == "pm" and not first.half and first.minutes + HALF_DAY < last.minutes:
        first = first.afternoon
    if last.minutes <= first.minutes and last.minutes <= HALF_DAY:
        last = last.afternoon
    if last.minutes <= first.minutes:
        return None
    return TimeRange(first.minutes, last.minutes), last.end
