"""Reads the words of each language of the app from `languages/*.toml`."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from waitlist.booking.words.kinds import DayPart, Kind

DIRECTORY = Path(__file__).parent / "languages"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PERIODS = {
    DayPart.MORNING: ("morning1", "morning2"),
    DayPart.NOON: ("noon",),
    DayPart.AFTERNOON: ("afternoon1", "afternoon2"),
    DayPart.EVENING: ("evening1",),
}
"""Day periods of CLDR that are a part of the day in most languages."""


class ShortDays(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Names of days that CLDR does not have."""

    monday: list[str] = []
    tuesday: list[str] = []
    wednesday: list[str] = []
    thursday: list[str] = []
    friday: list[str] = []
    saturday: list[str] = []
    sunday: list[str] = []

    def names(self) -> Iterator[tuple[int, str]]:
        """Yield names by the number of the day."""
        for number, day in enumerate(DAYS):
            for name in getattr(self, day):
                yield number, name


class Days(ShortDays, frozen=True):
    """Also how a folded name of a day ends, and how its other forms do."""

    endings: list[tuple[str, str]] = []
    weekend: list[str] = []
    workdays: list[str] = []


class Language(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    parts: dict[DayPart, list[str]]
    kinds: dict[Kind, list[str]]
    days: Days
    short_days: ShortDays = ShortDays()
    ambiguous: list[str] = []
    periods: dict[DayPart, list[str]] = {}
    compounds: dict[DayPart, list[str]] = {}

    def periods_of(self, part: DayPart) -> tuple[str, ...]:
        return tuple(self.periods.get(part, PERIODS[part]))


def read_languages() -> dict[str, Language]:
    """Return the languages by the name of their locale."""
    return {
        path.stem: msgspec.toml.decode(path.read_bytes(), type=Language)
        for path in sorted(DIRECTORY.glob("*.toml"))
    }
