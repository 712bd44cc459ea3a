"""The bar under the list that shows at a glance how long the records have waited."""

from collections.abc import Mapping
from dataclasses import dataclass

from waitlist.models import Age
from web.http.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Band:
    """The records of one age. `start` and `width` are percents of the bar."""

    age: Age
    label: str
    count: int
    start: float
    width: float


def age_bands(counts: Mapping[Age, int]) -> tuple[Band, ...]:
    """Return a band for every age, the youngest first.

    Records of an unknown age have a band if there are some. Without a record of a known age there
    are no bands at all.
    """
    labels = {
        Age.TODAY: _("Today"),
        Age.WEEK: _("This week"),
        Age.MONTH: _("This month"),
        Age.OLDER: _("Over a month"),
    }
    total = sum(counts.values())
    if total == counts.get(Age.UNKNOWN, 0):
        return ()
    if counts.get(Age.UNKNOWN):
        labels[Age.UNKNOWN] = _("Unknown")
    bands, start = list[Band](), 0.0
    for age, label in labels.items():
        count = counts.get(age, 0)
        width = round(100 * count / total, 2)
        bands.append(Band(age, label, count, round(start, 2), width))
        start += width
    return tuple(bands)
