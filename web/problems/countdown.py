"""The words of the countdown until the page tries again by itself."""

from math import ceil

from web.http.i18n import ngettext

LONGEST = 3600
"""Seconds. After longer waits the page does not try again by itself."""
MINUTE = 60


def countdown(seconds: int) -> tuple[tuple[int, str], ...]:
    """Return words for the seconds that are left, or fewer, the longest time first.

    The words count minutes before the last minute. They all come from the server, because every
    language has its own plural forms.
    """
    if not 0 < seconds <= LONGEST:
        return ()
    minutes = range(ceil(seconds / MINUTE), 1, -1)
    return (
        *((count * MINUTE, _minutes(count)) for count in minutes),
        *((count, _seconds(count)) for count in range(min(seconds, MINUTE), 0, -1)),
    )


def _minutes(count: int) -> str:
    words = ngettext(
        "Trying again in %(count)s minute.", "Trying again in %(count)s minutes.", count
    )
    return words % {"count": count}


def _seconds(count: int) -> str:
    words = ngettext(
        "Trying again in %(count)s second.", "Trying again in %(count)s seconds.", count
    )
    return words % {"count": count}
