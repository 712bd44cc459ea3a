"""Time zones by the names that a portal stores: places, offsets such as +03:00, abbreviations."""

import re
from datetime import timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

OFFSET = re.compile(r"([+-])(\d{1,2}):?([0-5]\d)?", re.ASCII)
DAY = 24 * 60
LONGEST_NAME = 64


@lru_cache(256)
def find_zone(name: str) -> tzinfo | None:
    """Return a time zone by its name in any case. Returns None for a name that is not known."""
    offset = OFFSET.fullmatch(name)
    if offset:
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        sign = -1 if offset[1] == "-" else 1
        return timezone(timedelta(minutes=sign * minutes)) if minutes < DAY else None
    place = _places().get(name.casefold()) if len(name) <= LONGEST_NAME else None
    return ZoneInfo(place) if place else None


@lru_cache(1)
def _places() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}
