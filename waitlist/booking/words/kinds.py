"""What the words of a note can mean, and the values that go with it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

WHOLE_DAY = 24 * 60
"""Minutes."""


class Kind(StrEnum):
    """What a word means."""

    DAYS = "days"
    """One or several days of the week."""
    DOUBTFUL = "doubtful"
    """A day of the week, if its neighbors are days or times: `Mi`, `Sat`, `segunda`."""
    PART = "part"
    COMPOUND = "compound"
    """A day and a part of it in one: `Montagvormittag`."""
    BEFORE = "before"
    AFTER = "after"
    FROM = "from"
    """The first word of a range only: `von`, `de`."""
    BETWEEN = "between"
    TO = "to"
    LATER = "later"
    """Makes a time of the clock the earliest one: `16:00 or later`."""
    EARLIER = "earlier"
    AND = "and"
    HOUR = "hour"
    """Says that a number is an hour: `16 Uhr`, `16h`."""
    HOURS = "hours"
    """An hour of the clock, or so many hours: `16 horas`."""
    AM = "am"
    PM = "pm"
    NOT = "not"
    BUT = "but"
    ONLY = "only"
    """Ends what a NOT is about, as BUT does."""
    BUSY = "busy"
    """What follows is taken: `works mornings`."""
    CALL = "call"
    """The time is that of a call, or of something that has happened."""
    ONCE = "once"
    """The day beside it is one date: `next`, `seit`."""
    TITLE = "title"
    MONTH = "month"
    INTRODUCING = "introducing"
    """The short name of a day may follow: `on Fri`."""
    LEAD = "lead"
    """Stands between words that have a meaning: `on`, `jeden`."""
    SKIP = "skip"
    """A phrase whose words mean something else: `good morning`, `no problem`."""


class Part(StrEnum):
    """A part of the day."""

    MORNING = "morning"
    NOON = "noon"
    AFTERNOON = "afternoon"
    EVENING = "evening"


@dataclass(frozen=True, slots=True)
class TimeRange:
    """Minutes of the day. With a `part`, a time has to begin in it, else to be within it."""

    begin: int = 0
    end: int = WHOLE_DAY
    part: Part | None = None

    def holds(self, start: int, end: int) -> bool:
        if self.part:
            return self.begin <= start < self.end
        return self.begin <= start and end <= self.end

    def overlap(self, other: TimeRange) -> TimeRange | None:
        """Return the time that is in both: one of them where it is within the other."""
        begin, end = max(self.begin, other.begin), min(self.end, other.end)
        for one in (self, other):
            if (one.begin, one.end) == (begin, end):
                return one
        return TimeRange(begin, end) if begin < end else None


Days = frozenset[int]
"""Days of the week: 0 is Monday."""


class Meaning(NamedTuple):
    """What a phrase means in a language."""

    kind: Kind
    language: str
    days: Days = frozenset()
    time: TimeRange | None = None
