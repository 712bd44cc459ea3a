"""Dates and times that callers of CRM methods write."""

from datetime import MAXYEAR, datetime

from sandbox.portal.portal import Portal


def parse_moment(portal: Portal, text: str) -> datetime | None:
    """Read an ISO time, or one in the portal's own format.

    A time without a zone is in the portal's. Returns None for any other text.
    """
    day = portal.state.date_format
    for form in ("iso", f"{day} %H:%M:%S", f"{day} %H:%M", day):
        try:
            moment = (
                datetime.fromisoformat(text) if form == "iso" else datetime.strptime(text, form)
            )
        except ValueError:
            continue
        if 1 < moment.year < MAXYEAR:  # other zones have these days in years that exist
            return moment if moment.tzinfo else moment.replace(tzinfo=portal.zone)
    return None
