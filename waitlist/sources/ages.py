"""How long records have waited. The list only tells which were created between two days."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from bitrix24.client import PortalClient
from bitrix24.lists import ListCommand, Listing, read_lists
from waitlist.models import Age, Record
from waitlist.sources.quirks import Quirks
from waitlist.sources.record_list import RecordRow, record_list

DATE_FORMATS = ("%d.%m.%Y", "%m/%d/%Y", "%Y-%m-%d", "%d/%m/%Y")
"""The format of the docs comes first. A portal reads dates as its own culture writes them and
refuses others. Source: Factory/Filter/CreatedWithin.php of the portal's booking module."""
INVALID_DATE = "422"
NO_MONTH = date(2000, 12, 31)
"""A date whose day cannot be read as a month. In some weeks that is possible for all days."""
DAY = 24 * 3600
SINCE = {Age.TODAY: 0, Age.WEEK: 6, Age.MONTH: 29}
"""How many days before today the first day of each window is."""


Windows = dict[Age, ListCommand[RecordRow]]
Rows = Mapping[Age, Listing[RecordRow]]


def date_format(quirks: Quirks, portal: str) -> str:
    """Return how this portal writes dates, or "" when it reads none of our formats."""
    known = quirks.dates.get(portal)
    return DATE_FORMATS[0] if known is None else known


def windows(today: date, date_style: str) -> Windows:
    """Return the lists of today's records, those of the week, and those of the month.

    Each window begins where the one before ends; `to` is exclusive. No source says in which time
    zone a portal reads these days. `today` is its server's; for users who are ahead of it, the
    first window extends into their next day.
    """
    end, wanted = today + timedelta(days=2), Windows()
    for age, days in SINCE.items():
        start = today - timedelta(days=days)
        wanted[age] = _window(start, end, date_style)
        end = start
    return wanted


def _window(start: date, end: date, date_style: str) -> ListCommand[RecordRow]:
    span = {"from": start.strftime(date_style), "to": end.strftime(date_style)}
    return record_list({"filter": {"createdWithin": span}}, pages=2, optional=True)


def retry_other_date_formats(client: PortalClient, quirks: Quirks, today: date, read: Rows) -> Rows:
    """Read the windows in another format if this one was refused. One HTTP request a day."""
    used = date_format(quirks, client.portal)
    errors = [listing.error for listing in read.values()]
    if not used or not any(error and error.code == INVALID_DATE for error in errors):
        return read
    others = {
        date_style: (_window(NO_MONTH, NO_MONTH, date_style), windows(today, date_style))
        for date_style in DATE_FORMATS
        if date_style != used
    }
    listings = read_lists(
        client, [one for probe, wanted in others.values() for one in (probe, *wanted.values())]
    )
    for date_style, (probe, wanted) in others.items():
        found = {age: listings[window] for age, window in wanted.items()}
        if not any(listing.error for listing in (listings[probe], *found.values())):
            quirks.dates.put(client.portal, date_style, DAY)
            return found
    quirks.dates.put(client.portal, "", DAY)
    return read


def ages(record_ids: Iterable[int], read: Rows) -> dict[int, Age]:
    """Return the age of each record, as the windows tell it."""
    if not all(age in read and read[age].complete for age in SINCE):
        return dict.fromkeys(record_ids, Age.UNKNOWN)
    found = dict.fromkeys(record_ids, Age.OLDER)
    for age in SINCE:
        found.update(dict.fromkeys(read[age].rows.keys() & found.keys(), age))
    return found


def with_age(
    record: Record, created: datetime | None, today: date, *, trusted: bool = True
) -> Record:
    """Return the record with the mirror's age.

    If not `trusted`, the age stays in its own window.
    """
    if created is None:
        return record
    days = max(0, (today - created.date()).days)
    age = next((age for age, most in SINCE.items() if days <= most), Age.OLDER)
    if not trusted and age is not record.age:
        return record
    return replace(record, age=age, days=days, created=created)
