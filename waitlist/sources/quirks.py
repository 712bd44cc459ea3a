"""What the app has found out about portals for some hours: how they write dates, whether their CRM
mirrors the waiting list truly and finds parts of phone numbers. Each process keeps it for itself:
what is forgotten is found out again by the way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Quirk(Generic[Answer]):
    """One answer for each portal, until it is too old."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._answers: dict[str, tuple[float, Answer]] = {}

    def get(self, portal: str) -> Answer | None:
        with self._lock:
            until, answer = self._answers.get(portal, (0.0, None))
        return answer if until > self._clock() else None

    def put(self, portal: str, answer: Answer, seconds: float) -> None:
        with self._lock:
            self._answers[portal] = (self._clock() + seconds, answer)


@dataclass(frozen=True, slots=True)
class Quirks:
    """Shared by all threads. `dates` are strftime formats, "" where none is understood."""

    mirror_is_true: Quirk[bool] = field(default_factory=Quirk)
    dates: Quirk[str] = field(default_factory=Quirk)
    finds_parts_of_phones: Quirk[bool] = field(default_factory=Quirk)
