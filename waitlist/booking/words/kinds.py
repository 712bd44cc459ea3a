"""What the words of a note can mean, and the values that go with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

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


class DayPart(StrEnum):
    MORNING = "morning"
    NOON = "noon"
    AFTERNOON = "afternoon"
    EVENING = "evening"


@dataclass(frozen=True, slots=True)
class TimeRange:
    """Minutes of the day. With a `part`, a time has to begin in it, else to be within it."""

    begin: int = 0
    end: int = WHOLE_DAY
    part: DayPart | None = None

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
    kind: Kind
    language: str
    days: Days = frozenset()
    time: TimeRange | None = None


Value = TypeVar("Value")


@dataclass(slots=True)
class Tree(Generic[Value]):
    """What may follow the words so far, and the values of the phrases that end here.

    The values are the keys of a dict, each once and in their order.
    """

    children: dict[str, Tree[Value]] = field(default_factory=dict)
    values: dict[Value, None] = field(default_factory=dict)

    def add(self, words: Iterable[str], value: Value) -> None:
        tree = self
        for word in words:
            tree = tree.children.setdefault(word, Tree())
        if tree is not self:
            tree.values[value] = None
