"""A clock of the app that a run moves on, and a time of day that may be set."""

import time

from store.pending import elapsed, idempotency
from waitlist import pending_writes


class Clock:
    """Stands in for the module `time` in what decides by time: claims, leases and horizons."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Set the clock back to its start."""
        self._passed = 1_000_000.0
        self._set_by = 0.0

    def monotonic(self) -> float:
        return self._passed

    def time(self) -> float:
        return time.time() + self._passed + self._set_by

    def pass_by(self, seconds: float) -> None:
        self._passed += seconds

    def jump(self, seconds: float) -> None:
        """Set the time of day forward or back, as an operator or NTP does."""
        self._set_by += seconds

    def install(self) -> None:
        """Let the app use this clock in this process."""
        for module in (elapsed, idempotency):
            module.__dict__["time"] = self
        # Nothing changes while a step waits, as there is one step at a time.
        pending_writes.PATIENCE = 0.0
