"""What a note wishes, in a few words for chips and reasons."""

from collections.abc import Iterable, Iterator, Mapping

from waitlist.booking.note_wishes import DayPart, Match, NoteWishes, TimeRange, TimeWish
from waitlist.booking.words.kinds import WHOLE_DAY
from web.http.i18n import N_, isolated, joined
from web.http.i18n import gettext as _
from web.presenters.booking.moments import WEEKDAYS

PARTS = {
    DayPart.MORNING: N_("mornings"),
    DayPart.NOON: N_("midday"),
    DayPart.AFTERNOON: N_("afternoons"),
    DayPart.EVENING: N_("evenings"),
}
SHORTEST_RUN = 3
"""Days in a row that are written as a range."""


def wish_chips(wishes: NoteWishes, resources: Mapping[int, str]) -> tuple[str, ...]:
    """Return a text for each wish: names of resources, then times, then what to avoid."""
    avoided = (*_names(wishes.avoided_ids, resources), *map(time_text, wishes.avoided_times))
    return (
        *_names(wishes.resource_ids, resources),
        *map(time_text, wishes.times),
        *(_("not %(what)s") % {"what": one} for one in avoided),
    )


def match_text(match: Match, resources: Mapping[int, str]) -> str:
    """Return which wishes of a note a time fulfills, such as `Room 2, Mon mornings`."""
    where = _names([match.resource_id] if match.resource_id else [], resources)
    return joined([*where, *([time_text(match.time)] if match.time else [])])


def time_text(wish: TimeWish) -> str:
    """Return days and times such as `Mon-Wed mornings`, with a dash."""
    days, times = joined(_runs(sorted(wish.days))), joined(map(_range_text, wish.times))
    return f"{days} {times}".strip()


def _names(numbers: Iterable[int], resources: Mapping[int, str]) -> Iterator[str]:
    return (isolated(resources[one]) for one in sorted(numbers) if one in resources)


def _runs(days: list[int]) -> Iterator[str]:
    while days:
        count = next(at for at in range(1, 8) if days[at : at + 1] != [days[0] + at])
        count = count if count >= SHORTEST_RUN else 1
        run, days = days[:count], days[count:]
        names = [str(WEEKDAYS[run[0]]), str(WEEKDAYS[run[-1]])]
        yield "\N{EN DASH}".join(names[:count])


def _range_text(time: TimeRange) -> str:
    if time.part:
        return str(PARTS[time.part])
    if time.end == WHOLE_DAY:
        return _("from %(time)s") % {"time": _clock(time.begin)}
    if not time.begin:
        return _("until %(time)s") % {"time": _clock(time.end)}
    return f"{_clock(time.begin)}\N{EN DASH}{_clock(time.end)}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"
