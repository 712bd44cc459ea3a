"""Reads from a record's note when and where its customers want to come.

A note is read in all languages of the app, whatever the user's language is. What can be misread is
left out, because a wish that is missed does less harm than one that was not meant.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from waitlist.booking.words.items import items_of
from waitlist.booking.words.kinds import DayPart, Days, TimeRange
from waitlist.booking.words.scopes import Sign, signed_wishes
from waitlist.booking.words.sentences import Node, nodes_of

__all__ = ["DayPart", "Match", "NoteWishes", "TimeRange", "TimeWish", "fits", "read_wishes"]


@dataclass(frozen=True, slots=True)
class TimeWish:
    """Days of the week (0 is Monday) and times of the day. If one is empty, any will do."""

    days: Days = frozenset()
    times: tuple[TimeRange, ...] = ()

    def holds(self, weekday: int, start: int, end: int) -> bool:
        """Return whether a time in minutes of a day is wished."""
        is_day = not self.days or weekday in self.days
        return is_day and (not self.times or any(one.holds(start, end) for one in self.times))


@dataclass(frozen=True, slots=True)
class NoteWishes:
    """What a note wishes: one of the resources at one of the times, and nothing that it avoids.

    No resource or no time means any.
    """

    resource_ids: frozenset[int] = frozenset()
    times: tuple[TimeWish, ...] = ()
    avoided_ids: frozenset[int] = frozenset()
    avoided_times: tuple[TimeWish, ...] = ()

    def __bool__(self) -> bool:
        return self != NO_WISHES


NO_WISHES = NoteWishes()


@dataclass(frozen=True, slots=True)
class Match:
    """Which wishes a free time fulfills. Both are None if the note wishes nothing of the kind."""

    resource_id: int | None = None
    time: TimeWish | None = None

    def __bool__(self) -> bool:
        return self != NO_MATCH


NO_MATCH = Match()


def read_wishes(note: str, resources: Mapping[int, str]) -> NoteWishes:
    """Return what a note wishes. `resources` are names by ID; the ones in the note are wished.

    Takes linear time; at most `LONGEST_READ` characters are read.
    """
    signed = signed_wishes(nodes_of(items_of(note, resources)))
    wished = [one.node for one in signed if one.sign is Sign.YES]
    avoided = [one for one in signed if one.sign is Sign.NO]
    wanted_ids = _ids(wished)
    return NoteWishes(
        resource_ids=wanted_ids - _ids(one.node for one in avoided),
        times=_time_wishes(wished),
        avoided_ids=_ids(one.node for one in avoided),
        avoided_times=tuple(
            wish
            for _, scope in groupby(avoided, key=lambda one: one.scope)
            for wish in _time_wishes([one.node for one in scope])
        ),
    )


def fits(
    wishes: NoteWishes, resource_id: int, start_local: datetime, end_local: datetime
) -> Match | None:
    """Return which wishes a free time fulfills, or None if it contradicts one.

    Both moments are by the clock on the wall. A note without wishes fits everything, and the
    match is then false in a condition: ask `is not None` for whether it fits.
    """
    weekday = start_local.weekday()
    start = 60 * start_local.hour + start_local.minute
    end = start + int((end_local - start_local).total_seconds() // 60)
    if resource_id in wishes.avoided_ids or (
        wishes.resource_ids and resource_id not in wishes.resource_ids
    ):
        return None
    if any(one.holds(weekday, start, end) for one in wishes.avoided_times):
        return None
    time = next((one for one in wishes.times if one.holds(weekday, start, end)), None)
    if wishes.times and time is None:
        return None
    return Match(resource_id if wishes.resource_ids else None, time)


def _ids(nodes: Iterable[Node]) -> frozenset[int]:
    return frozenset(number for node in nodes for number in node.resource_ids)


def _time_wishes(nodes: Iterable[Node]) -> tuple[TimeWish, ...]:
    """Group days and times: `Mon mornings, Thu after 16` are two wishes, `Mon, Thu` is one.

    A group with days and times ends where a day follows its times, or a time follows its days.
    """
    groups, last = list[TimeWish](), ""
    for node in nodes:
        if not node.days and not node.time:
            continue
        kind = "time" if node.time else "days"
        group = groups[-1] if groups else TimeWish()
        is_whole = bool(group.days and group.times)
        if not groups or (is_whole and kind != last) or (node.days and node.time):
            groups.append(group := TimeWish())
        groups[-1] = TimeWish(group.days | node.days, _added(group.times, node.time))
        last = kind
    return tuple(dict.fromkeys(groups))


def _added(times: tuple[TimeRange, ...], new: TimeRange | None) -> tuple[TimeRange, ...]:
    """Return times with another one. `mornings after 9` is one range, `mornings, evenings` two."""
    if new is None or new in times:
        return times
    if times and not (new.part and times[-1].part) and (both := times[-1].overlap(new)):
        return (*times[:-1], both)
    return (*times, new)
