"""Bookkeeping that must not fail: what the database cannot take now is stored later.

What a portal has carried out cannot be taken back because our database is locked, full or away. So
such rows wait in the memory of the process until the database takes them, in their order.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

Result = TypeVar("Result")
PAUSE = 2.0
"""Seconds for which nothing is tried after a failure: each try may wait for a lock."""
MOST = 10_000
"""Jobs that wait. Each takes less than a kilobyte."""

log = logging.getLogger(__name__)


class Deferred:
    """Jobs for the database that wait until it takes them. All threads of a process share one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: deque[Callable[[], object]] = deque(maxlen=MOST)
        self._not_before = 0.0

    def __len__(self) -> int:
        return len(self._waiting)

    def run(self, job: Callable[[], Result]) -> Result | None:
        """Run a job after those that wait. Returns None where it has to wait, too."""
        self.flush()
        if not self._waiting and self._clock() >= self._not_before:
            try:
                return job()
            except SQLAlchemyError as error:
                self._note_failure(error)
        self._waiting.append(job)
        return None

    def flush(self) -> None:
        """Run the jobs that wait, unless another thread does or one has just failed."""
        if not self._waiting or not self._lock.acquire(blocking=False):
            return
        try:
            while self._waiting and self._clock() >= self._not_before:
                try:
                    self._waiting[0]()
                except SQLAlchemyError as error:
                    self._note_failure(error)
                    return
                self._waiting.popleft()
        finally:
            self._lock.release()

    def _note_failure(self, error: SQLAlchemyError) -> None:
        self._not_before = self._clock() + PAUSE
        # The error's text holds the row, so only its kind is logged.
        log.error("the database takes nothing now: %s", type(error).__name__)
