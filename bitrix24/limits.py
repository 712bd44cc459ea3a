"""What keeps requests within the limits of portals, for all clients of a process."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from bitrix24.bucket import RequestBucket
from bitrix24.times import PortalTimes


class Limits:
    """The count of requests, the times that portals tell, and the clock of both.

    The count is shared with other processes through `folder`; without a folder there is none.
    """

    def __init__(
        self,
        folder: Path | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.clock = clock
        self.sleep = sleep
        self.bucket = RequestBucket(folder, clock)
        self.times = PortalTimes(clock)
