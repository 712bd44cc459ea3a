"""Turns the items of a note into nodes: wishes, and the words that decide what they count for."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from waitlist.booking.words.clocks import HALF_DAY, clock_at, is_date, is_safe, range_at, skip_leads
from waitlist.booking.words.days import days_at
from waitlist.booking.words.items import Item
from waitlist.booking.words.kinds import DayPart, Days, Kind, TimeRange
from waitlist.booking.words.tokens import Shape


class Role(StrEnum):
    """What a node is for."""

    WISH = "wish"
    NOT = "not"
    BUT = "but"
    ONLY = "only"
    BUSY = "busy"
    CALL = "call"
    ONCE = "once"
    AND = "and"
    LEAD = "lead"
    WORD = "word"
    COMMA = "comma"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a note. A WISH has days, a time, or resources; a compound has days and a time.

    A bound of the clock `turns` under a negation: *not before 10* is after 10. `is_unsure` tells
    of a NOT that means something else in another language.
    """

    role: Role
    days: Days = frozenset()
    time: TimeRange | None = None
    resource_ids: frozenset[int] = frozenset()
    turns: bool = False
    is_unsure: bool = False

    @property
    def kind(self) -> str:
        """Return what the wish is about, "" for other nodes."""
        return (
            "days" if self.days else "time" if self.time else "place" if self.resource_ids else ""
        )


MARKS = {
    Shape.COMMA: Role.COMMA,
    Shape.DASH: Role.COMMA,
    Shape.ALSO: Role.AND,
    Shape.DOT: Role.STOP,
    Shape.STOP: Role.STOP,
}
DECIDING = (Kind.NOT, Kind.CALL, Kind.BUSY, Kind.ONCE, Kind.BUT, Kind.ONLY, Kind.AND)
"""Kinds that are also roles. The first one that a word has counts."""


def nodes_of(items: Sequence[Item]) -> tuple[Node, ...]:
    """Return the nodes of a note. Each item is read once, with a few of its neighbors."""
    nodes, place = list[Node](), 0
    while place < len(items):
        node, place = _node_at(items, place)
        nodes.append(node)
    return tuple(nodes)


def _node_at(items: Sequence[Item], place: int) -> tuple[Node, int]:
    item = items[place]
    if item.resource_ids:
        return Node(Role.WISH, resource_ids=item.resource_ids), place + 1
    if item.has(Kind.SKIP) or (item.is_unknown and item.token.shape is Shape.WORD):
        return Node(Role.WORD), place + 1
    for read in (_date, _time_range, _open_clock, _bound, _days, _part):
        if found := read(items, place):
            return found
    if item.token.shape in MARKS:
        return Node(MARKS[item.token.shape]), place + 1
    kind = next((kind for kind in DECIDING if item.has(kind)), None)
    if kind is Kind.NOT:
        return Node(Role.NOT, is_unsure=item.has(Kind.LEAD, Kind.MONTH)), place + 1
    if kind:
        return Node(Role(kind)), place + 1
    return Node(Role.LEAD if item.meanings else Role.WORD), place + 1


def _date(items: Sequence[Item], place: int) -> tuple[Node, int] | None:
    end = is_date(items, place)
    return (Node(Role.ONCE), end) if end else None


def _time_range(items: Sequence[Item], place: int) -> tuple[Node, int] | None:
    item = items[place]
    opens = item.has(Kind.FROM, Kind.AFTER, Kind.BETWEEN)
    before = item if opens else items[place - 1] if place else None
    if before and not opens and not before.has(Kind.DAYS, Kind.DOUBTFUL, Kind.PART):
        before = None
    found = range_at(items, place + opens, before, by_and=item.has(Kind.BETWEEN))
    return (Node(Role.WISH, time=found[0]), found[1]) if found else None


def _open_clock(items: Sequence[Item], place: int) -> tuple[Node, int] | None:
    """Read `16:00 or later`."""
    clock = clock_at(items, place) if items[place].token.number >= 0 else None
    after = items[clock.end] if clock and clock.end < len(items) else None
    if clock is None or after is None or not after.has(Kind.LATER, Kind.EARLIER):
        return None
    time = _bounded(clock.minutes, is_after=after.has(Kind.LATER))
    return Node(Role.WISH, time=time, turns=True), clock.end + 1


def _bound(items: Sequence[Item], place: int) -> tuple[Node, int] | None:
    """Read `after 16:00` or `before noon`. *Until Friday* and *after 14 Nov* are one date."""
    item = items[place]
    if not item.has(Kind.BEFORE, Kind.AFTER):
        return None
    is_after = item.has(Kind.AFTER)
    clock = clock_at(items, place + 1)
    if clock and is_safe(items, clock, item):
        return Node(Role.WISH, time=_bounded(clock.minutes, is_after), turns=True), clock.end
    at = skip_leads(items, place + 1)
    if at >= len(items):
        return None
    if (part := items[at].find(Kind.PART)) and part.time:
        minutes = HALF_DAY if part.time.part is DayPart.NOON else part.time.begin
        if not minutes:
            # English mornings begin at midnight: nothing is before them.
            return Node(Role.WORD), at + 1
        return Node(Role.WISH, time=_bounded(minutes, is_after), turns=True), at + 1
    if days_at(items, at):
        # A range of days may begin here.
        days, end = _day_range(items, at)
        return (Node(Role.WISH, days=days), end) if end > at + 1 else (Node(Role.ONCE), at)
    return None


def _bounded(minutes: int, is_after: bool) -> TimeRange:
    return TimeRange(begin=minutes) if is_after else TimeRange(end=minutes)


def _days(items: Sequence[Item], place: int) -> tuple[Node, int] | None:
    if compound := items[place].find(Kind.COMPOUND):
        return Node(Role.WISH, days=compound.days, time=compound.time), place + 1
    if not days_at(items, place):
        return None
    days, end = _day_range(items, place)
    after = items[end] if end < len(items) else None
    if end == place + 1 and after and after.token.shape is Shape.NUMBER and not after.meanings:
        clock = clock_at(items, end)
        if not (clock and clock.is_marked) and not range_at(items, end, items[place]):
            # *Monday 14* is a date.
            return Node(Role.ONCE), end + 1
    return Node(Role.WISH, days=days), end


def _day_range(items: Sequence[Item], place: int) -> tuple[Days, int]:
    """Return the days of `Mon-Wed`, or the one at the place, and the place after."""
    days = days_at(items, place)
    at = place + 1
    if len(days) > 1 or at >= len(items):
        return days, at
    if not (items[at].token.shape is Shape.DASH or _joins_days(items[at])):
        return days, at
    at = skip_leads(items, at + 1)
    last = days_at(items, at) if at < len(items) else frozenset()
    if len(last) != 1:
        return days, place + 1
    (first,), (end,) = days, last
    return frozenset((first + one) % 7 for one in range((end - first) % 7 + 1)), at + 1


def _joins_days(item: Item) -> bool:
    """Return whether a word is *to*, and not also *and*: `from 2 and 4`, but `Mon and Wed`."""
    return item.has(Kind.TO) and not item.has(Kind.AND)


def _part(items: Sequence[Item], place: int) -> tuple[Node, int] | None:
    part = items[place].find(Kind.PART)
    return (Node(Role.WISH, time=part.time), place + 1) if part else None
