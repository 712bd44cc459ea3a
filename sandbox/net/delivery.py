"""Event delivery: form-encoded POSTs, in order, from one thread, never repeated.

A real portal passes events to the vendor's queue after the REST reply; a handler that fails or is
too slow gets no second try.
"""

import contextlib
import http.client
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

_TIMEOUT = 10.0
_KEPT = 2000


@dataclass
class Delivery:
    """An event for one handler; the form, with new tokens, is built when it is sent."""

    event: str
    handler: str
    build_form: Callable[[], list[tuple[str, str]]]
    due: float = 0.0
    status: int | None = None
    error: str | None = None


class EventQueue:
    """Sends deliveries one after another, each `delay` seconds after it was queued."""

    def __init__(self, delay: float = 0.02) -> None:
        self.delay = delay
        self.sent: list[Delivery] = []
        self._waiting: deque[Delivery] = deque()
        self._busy = False
        self._closed = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def put(self, delivery: Delivery) -> None:
        delivery.due = time.monotonic() + self.delay
        with self._changed:
            self._waiting.append(delivery)
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="events", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def wait_idle(self, timeout: float = 10.0) -> bool:
        """Wait until all events are sent or have failed; returns False after `timeout`."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._busy, timeout)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=1.0)  # do not wait for a handler that hangs

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._waiting) or self._closed)
                if self._closed:
                    return
                delivery = self._waiting.popleft()
                self._busy = True
            time.sleep(max(0.0, delivery.due - time.monotonic()))
            try:
                delivery.status = _send(delivery)
            except Exception as problem:  # the events behind it must go out
                delivery.error = f"{type(problem).__name__}: {problem}"
            with self._changed:
                self.sent.append(delivery)
                del self.sent[:-_KEPT]
                self._busy = False
                self._changed.notify_all()


def _send(delivery: Delivery) -> int:
    """Post an event; returns the HTTP status of the handler's answer."""
    target = urlsplit(delivery.handler)
    connect = (
        http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
    )
    body = urlencode(delivery.build_form())
    path = target.path or "/"
    connection = connect(target.netloc, timeout=_TIMEOUT)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Connection": "close"}
    try:
        connection.request(
            "POST", f"{path}?{target.query}" if target.query else path, body, headers
        )
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        with contextlib.suppress(OSError):
            connection.close()
