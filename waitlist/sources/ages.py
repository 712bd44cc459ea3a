"""How long records have waited: by the day they were made, which a waiting list tells only as an
answer to "which were made between these days"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from bitrix24.client import PortalClient
from bitrix24.errors import PortalError
from bitrix24.lists import ListCommand, Listing, read_lists
from waitlist.models import Age, Record
from waitlist.sources.quirks import Quirks

METHOD, KEY = "booking.v1.waitlist.list", "waitList"
DATE_FORMATS = ("%d.%m.%Y", "%m/%d/%Y", "%Y-%m-%d", "%d/%m/%Y")
"""That of the docs first. A portal reads dates as its own culture writes them and refuses others.
Source: Factory/Filter/CreatedWithin.php of the portal's booking module."""
INVALID_DATE = "422"
NO_MONTH = date(2000, 12, 31)
"""Nobody takes its day for a month, as happens to all days of some weeks."""
DAY = 24 * 3600
SINCE = {Age.TODAY: 0, Age.WEEK: 6, Age.MONTH: 29}
"""How many days before today the first day of each window is."""


def date_format(quirks: Quirks, portal: str) -> str:
    """How this portal writes dates as far as known; "" where it understood none."""
    known = quirks.dates.get(portal)
    return DATE_FORMATS[0] if known is None else known


def windows(today: date, written: str, prefix: str = "") -> dict[str, ListCommand]:
    """The records of today, of the days before, and of the weeks before that. `to` is exclusive.

    In whose time zone a portal reads these days is written nowhere. `today` is its server's; for
    users who are ahead of it the first window goes on into their next day."""
    end, wanted = today + timedelta(days=2), {}
    for age, days in SINCE.items():
        start = today - timedelta(days=days)
        wanted[prefix + age] = _window(start, end, written)
        end = start
    return wanted


def _window(start: date, end: date, written: str) -> ListCommand:
    span = {"from": start.strftime(written), "to": end.strftime(written)}
    return ListCommand(METHOD, KEY, {"filter": {"createdWithin": span}}, pages=2, optional=True)


def retry_other_date_formats(
    client: PortalClient, quirks: Quirks, today: date, listings: dict[str, Listing]
) -> dict[str, Listing]:
    """The windows in another date format, where the portal has refused the one it was asked in;
    one HTTP request to find that out, and none the next time."""
    used = date_format(quirks, client.portal)
    if not used or not any(_refused(listings[age].error) for age in SINCE):
        return listings
    others = [written for written in DATE_FORMATS if written != used]
    wanted: dict[str, ListCommand] = {}
    for written in others:
        wanted |= windows(today, written, prefix=written)
        wanted[written] = _window(NO_MONTH, NO_MONTH, written)
    found = read_lists(client, wanted)
    for written in others:
        read = {str(age): found[written + age] for age in SINCE}
        if not any(listing.error for listing in (found[written], *read.values())):
            quirks.dates.put(client.portal, written, DAY)
            return {**listings, **read}
    quirks.dates.put(client.portal, "", DAY)
    return listings


def ages(record_ids: Iterable[int], listings: Mapping[str, Listing]) -> dict[int, Age]:
    """The age of each record as the windows tell it."""
    if not all(age in listings and listings[age].complete for age in SINCE):
        return dict.fromkeys(record_ids, Age.UNKNOWN)
    found = dict.fromkeys(record_ids, Age.OLDER)
    for age in SINCE:
        found.update(dict.fromkeys(listings[age].rows.keys() & found.keys(), age))
    return found


def aged(record: Record, created: datetime | None, today: date, *, trusted: bool = True) -> Record:
    """The record with its exact age, where the mirror tells when it was made, in the portal's own
    time. A mirror that is not `trusted` may tell the day, but not another window than the waiting
    list itself."""
    if created is None:
        return record
    days = max(0, (today - created.date()).days)
    age = next((age for age, most in SINCE.items() if days <= most), Age.OLDER)
    return replace(record, age=age, days=days) if trusted or age is record.age else record


def _refused(error: PortalError | None) -> bool:
    return error is not None and error.code == INVALID_DATE
