"""Keeps record of what the app asks of portals: a line in the journal and a figure for each."""

from __future__ import annotations

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
    """Writes down exchanges of this user, or of whom they name themselves."""

    def record(exchange: Exchange) -> None:
        PORTAL_CALLS.labels(exchange.method, exchange.outcome).observe(exchange.duration)
        journal.write(exchange, member_id, user_id)

    return record


def init_app(app: Flask) -> None:
    app.before_request(_name_request)


def _name_request() -> None:
    request_id.set(str(uuid.uuid4()))
