"""What the app has found out about portals, for some hours, in one process."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from cachetools import TLRUCache

Value = TypeVar("Value")
MOST_PORTALS = 10_000


class Quirk(Generic[Value]):
    """One fact about each portal, until it is too old. Safe for threads."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._known: TLRUCache[str, tuple[Value, float]] = TLRUCache(
            MOST_PORTALS, ttu=_expiry, timer=timer
        )

    def get(self, portal: str) -> Value | None:
        with self._lock:
            known = self._known.get(portal)
        return known[0] if known else None

    def put(self, portal: str, value: Value, seconds: float) -> None:
        with self._lock:
            self._known[portal] = (value, seconds)


def _expiry(_portal: str, known: tuple[object, float], now: float) -> float:
    return now + known[1]


@dataclass(frozen=True, slots=True)
class Quirks:
    """The facts about portals, shared by all threads.

    `mirror_is_true` says whether the CRM mirror of a portal can be believed. `dates` is the
    strftime format in which the portal reads dates, "" when it reads none of those we know.
    `finds_parts_of_phones` is False when the portal finds phone numbers only as a whole.
    `resources` are names by ID (waitlist/sources/resource_names.py).
    """

    mirror_is_true: Quirk[bool] = field(default_factory=Quirk)
    dates: Quirk[str] = field(default_factory=Quirk)
    finds_parts_of_phones: Quirk[bool] = field(default_factory=Quirk)
    resources: Quirk[dict[int, str]] = field(default_factory=Quirk)
    resources_are_fresh: Quirk[bool] = field(default_factory=Quirk)
