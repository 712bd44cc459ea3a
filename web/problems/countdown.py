"""What is said while the page waits until it makes sense to try again."""

from __future__ import annotations

from math import ceil

from web.http.i18n import ngettext

LONGEST = 3600
"""Seconds; nobody sits before a page for longer, so beyond it nothing is tried by itself."""
MINUTE = 60


def countdown(seconds: int) -> tuple[tuple[int, str], ...]:
    """The words for so many seconds left or fewer, the longest time first; minutes are counted
    before the last one. Every language has its own plural forms, so all of it is said here."""
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
