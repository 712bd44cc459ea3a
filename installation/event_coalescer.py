"""Joins events of a portal that arrive together, so that a burst costs little.

The first event is applied at once. Those that follow within `INTERVAL` with the same
application_token wait in the memory of the worker, each once, and are applied together at the end.
They are checked again by then: an uninstall or another application_token may have come meanwhile.
Only hints are joined. An event that installs or uninstalls the app is applied by itself.
"""

import hmac
import time
from collections.abc import Callable, Sequence
from threading import Lock, Timer

from cachetools import LRUCache

from installation.lifecycle import Event

INTERVAL = 0.25
"""Seconds for which an event waits at most. A worker that is killed loses those that wait."""
PORTALS = 10_000
"""Portals with a window in one worker."""
MOST = 1_000
"""Events of a portal that wait."""

Apply = Callable[[Sequence[Event]], None]
"""Checks the application_token of joined events and applies them."""


class _Window:
    """The time after an event in which others are joined. `applying` is held while they are."""

    def __init__(self, token: str, apply: Apply, ends_at: float, revision: int) -> None:
        self.token = token.encode()
        self.apply = apply
        self.ends_at = ends_at
        self.revision = revision
        self.waiting: dict[tuple[str, str], Event] = {}
        self.applying = Lock()
        self.timer: Timer | None = None


class EventCoalescer:
    """Keeps the windows of all portals. All threads of a process share one.

    `revision` changes whenever this process writes an application_token or an uninstall: what was
    checked before does not count any more.
    """

    def __init__(self, revision: Callable[[], int], interval: float = INTERVAL) -> None:
        self._revision = revision
        self._interval = interval
        self._lock = Lock()
        self._windows: LRUCache[str, _Window] = LRUCache(PORTALS)

    def begin(self, event: Event, apply: Apply) -> None:
        """Join what follows this event, whose application_token has been checked."""
        token, ends_at = event.auth["application_token"], time.monotonic() + self._interval
        window = _Window(token, apply, ends_at, self._revision())
        with self._lock:
            if self._find(event) is not None:
                return
            before = self._windows.get(event.member_id)
            self._windows[event.member_id] = window
        if before is not None:
            self._finish(before)

    def join(self, event: Event, admit: Callable[[str], None]) -> bool:
        """Return whether this event will be applied with others, within a moment.

        One that repeats a waiting event costs nothing; for others `admit` may raise an error.
        """
        key = (event.name, event.data.get("ID", ""))
        with self._lock:
            window = self._find(event)
            if window is None or key in window.waiting:
                return window is not None
        admit(event.member_id)
        with self._lock:
            if len(window.waiting) >= MOST:
                return False
            window.waiting[key] = event
            if window.timer is None:
                # Python waits for such threads when the process ends.
                pause = max(0.0, window.ends_at - time.monotonic())
                window.timer = Timer(pause, self._finish, [window])
                window.timer.start()
        return True

    def flush(self, member_id: str) -> None:
        """Apply now what waits for this portal, so that the next reader finds it."""
        with self._lock:
            window = self._windows.get(member_id)
        if window is not None:
            self._finish(window)

    def _find(self, event: Event) -> _Window | None:
        """Return the open window for the application_token of this event."""
        window = self._windows.get(event.member_id)
        given = event.auth["application_token"].encode()
        if window is None or not hmac.compare_digest(window.token, given):
            return None
        is_open = bool(window.waiting) or time.monotonic() < window.ends_at
        return window if is_open and window.revision == self._revision() else None

    def _finish(self, window: _Window) -> None:
        with window.applying:
            with self._lock:
                events, window.waiting = list(window.waiting.values()), {}
                if window.timer is not None:
                    window.timer.cancel()
                    window.timer = None
                if events:
                    window.ends_at = time.monotonic() + self._interval
            if events:
                window.apply(events)
