"""Days, times and time zones in words, as the clock of the portal has them."""

from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from waitlist.sources.bookings import Span
from web.http.i18n import N_
from web.http.i18n import gettext as _

WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
MONTHS = (
    *(N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun")),
    *(N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec")),
)


def weekday_of(day: date) -> str:
    return str(WEEKDAYS[day.weekday()])


def day_text(day: date) -> str:
    """Return a day such as `Tue 1 Dec`."""
    return _("%(weekday)s %(day)s %(month)s") % {
        "weekday": weekday_of(day),
        "day": day.day,
        "month": str(MONTHS[day.month - 1]),
    }


def date_text(day: date) -> str:
    """Return a day such as `1 Dec`."""
    month = str(MONTHS[day.month - 1])
    return _("%(day)s %(month)s") % {"day": day.day, "month": month}


def clock_text(moment: int, zone: tzinfo) -> str:
    """Return a time such as `9:30`. An hour that comes twice tells the second time."""
    local = datetime.fromtimestamp(moment, zone)
    text = f"{local.hour}:{local.minute:02}"
    return f"{text} ({zone_text(zone, moment)})" if local.fold else text


def span_text(span: Span, zone: tzinfo) -> str:
    """Return a time such as `10:00 to 11:00`, with a dash."""
    return f"{clock_text(span.start, zone)}\N{EN DASH}{clock_text(span.end, zone)}"


def when_text(moment: int, zone: tzinfo) -> str:
    """Return a day and a time such as `Tue 1 Dec 10:00`."""
    day = datetime.fromtimestamp(moment, zone).date()
    return f"{day_text(day)} {clock_text(moment, zone)}"


def zone_text(zone: tzinfo, moment: int) -> str:
    """Return how far a zone is ahead, such as `UTC+5:30`."""
    minutes = _minutes_ahead(zone, moment)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes > 0 else "\N{MINUS SIGN}"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


def zone_name(zone: tzinfo, moment: int) -> str:
    """Return the name by which a portal knows a zone: a place, or a difference such as +03:00."""
    if isinstance(zone, ZoneInfo) and zone.key:
        return zone.key
    minutes = _minutes_ahead(zone, moment)
    if not minutes:
        return "UTC"
    return f"{'+' if minutes > 0 else '-'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _minutes_ahead(zone: tzinfo, moment: int) -> int:
    ahead = datetime.fromtimestamp(moment, UTC).astimezone(zone).utcoffset()
    return round(ahead.total_seconds() / 60) if ahead else 0
