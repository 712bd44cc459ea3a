"""Time zones by the names that PHP takes: places, offsets like +03:00, abbreviations."""

import re
from contextlib import suppress
from datetime import UTC, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

_OFFSET = re.compile(r"([+-])(\d{1,2}):?([0-5]\d)?")
# In hours; PHP knows some more.
_ABBREVIATIONS = {"z": 0, "utc": 0, "gmt": 0, "cet": 1, "eet": 2, "msk": 3, "est": -5, "pst": -8}

# Files beside the time zones, which are none.
_NOT_PLACES = ("Factory", "localtime", "posix", "right/")


@lru_cache(256)
def find_zone(name: str) -> tzinfo | None:
    """Return a time zone by its name in any case, or None if PHP has none."""
    offset = _OFFSET.fullmatch(name)
    if offset:
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        if minutes >= 24 * 60:
            return None
        return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    hours = _ABBREVIATIONS.get(name.casefold())
    if hours is not None:
        return timezone(timedelta(hours=hours))
    # A list of all places takes a tenth of a second: first try the name as it is.
    if not name.startswith(_NOT_PLACES):
        with suppress(OSError, ValueError, ZoneInfoNotFoundError):
            return ZoneInfo(name)
    places = _places()
    if not places:
        # A computer without time zones takes any place for one, at UTC.
        return UTC if "/" in name else None
    place = places.get(name.casefold())
    return ZoneInfo(place) if place else None


@cache
def _places() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def name_offset(hours: float) -> str:
    """Return the name of the zone that is so many hours ahead of UTC."""
    if not hours:
        return "UTC"
    minutes = round(abs(hours) * 60)
    return f"{'-' if hours < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"


def zone_or_utc(name: str) -> tzinfo:
    return find_zone(name) or UTC
