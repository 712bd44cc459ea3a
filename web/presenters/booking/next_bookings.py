"""The words for the next booking of a customer, in every row that shows them."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from bitrix24.zones import find_zone
from waitlist.sources.bookings import Moment
from waitlist.sources.next_bookings import NextByRef
from web.http.i18n import gettext as _
from web.presenters.booking.moments import clock_text, date_text


@dataclass(frozen=True, slots=True)
class NextView:
    """The next booking of the customer `key`: seconds left, 0 without one, and words."""

    key: str
    left: int
    text: str


def next_views(found: NextByRef, portal_clock: tzinfo | None) -> Iterator[NextView]:
    """Yield what is known of each customer. `portal_clock` is how far it is ahead now."""
    now = int(time.time())
    for ref, moment in found.items():
        if moment:
            yield NextView(
                ref.key, max(1, moment.timestamp - now), _next_text(moment, portal_clock)
            )
        else:
            yield NextView(ref.key, 0, "")


def _next_text(moment: Moment, portal_clock: tzinfo | None) -> str:
    """Return words such as `next: 12 Dec 10:00`."""
    zone = find_zone(moment.timezone) or portal_clock or UTC
    day = datetime.fromtimestamp(moment.timestamp, zone).date()
    when = f"{date_text(day)} {clock_text(moment.timestamp, zone)}"
    return _("next: %(when)s") % {"when": when}
