"""Records each call of a portal: a line in the journal and a metric."""

import uuid

from flask import Flask
from prometheus_client import Histogram

from bitrix24.exchange import Exchange, Observer
from bitrix24.log.journal import Journal, request_id

PORTAL_CALLS = Histogram(
    "waitlist_portal_call_seconds",
    "Time a portal or an authorization server takes to answer",
    ["method", "outcome"],
)


def recorder(journal: Journal, member_id: str = "", user_id: int = 0) -> Observer:
    """Return an observer for the exchanges of this user. Those that name a user keep it."""

    def record(exchange: Exchange) -> None:
        PORTAL_CALLS.labels(exchange.method, exchange.outcome).observe(exchange.duration)
        journal.write(exchange, member_id, user_id)

    return record


def init_app(app: Flask) -> None:
    app.before_request(_name_request)


def _name_request() -> None:
    request_id.set(str(uuid.uuid4()))
