"""Gives each request its time, and ends it with the last byte of its answer.

See bitrix24/isolation, and docs/decisions/0010-isolation.md for why.
"""

from flask import Flask, Response
from prometheus_client import Counter, Gauge

from bitrix24.isolation import browser_request
from bitrix24.limits import Limits

TIMEOUTS = 2
"""A request may take as long as this many calls that time out."""
REFUSALS = Counter(
    "waitlist_unresponsive", "Requests that were told that a portal answers slowly", ["why"]
)
PLACES = Gauge("waitlist_places_taken", "Threads that work for a portal or wait for one")
CIRCUITS = Gauge("waitlist_open_circuits", "Portals and servers that do not answer")


def init_app(app: Flask, limits: Limits, timeout: float) -> None:
    """Begin and end each request. A page that is sent as a stream ends with its last byte."""
    app.before_request(lambda: browser_request.begin(TIMEOUTS * timeout))
    app.after_request(_end_with_last_byte)
    limits.on_refusal = lambda code: REFUSALS.labels(code.lower()).inc()
    PLACES.set_function(lambda: limits.bulkhead.taken)
    CIRCUITS.set_function(lambda: limits.breaker.open_circuits)


def _end_with_last_byte(response: Response) -> Response:
    # Flask tears a request down before a stream is sent.
    if response.is_streamed:
        response.call_on_close(browser_request.end)
    else:
        browser_request.end()
    return response
