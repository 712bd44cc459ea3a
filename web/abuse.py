"""Slows down who posts forged launches and events, and keeps a log of them.

Only refusals count, so an office full of people behind one address is never slowed down by its
own work. The log holds no token; what it quotes from a request is cut and escaped.
"""

from __future__ import annotations

from flask import request
from werkzeug.exceptions import TooManyRequests

from web.refusals import FORGIVEN_AFTER
from web.services import services


def refuse_the_abusive() -> None:
    """Raises TooManyRequests for an address that has been refused too often just now."""
    if services().refusals.too_many(_address()):
        raise TooManyRequests(retry_after=int(FORGIVEN_AFTER) + 1)


def note_refusal(what: str, why: str, **claims: str) -> None:
    """Counts a refusal and writes it down. `claims` is what the request said of itself."""
    services().refusals.add(_address())
    line = {"refused": what, "why": str(why), "from": _address()}
    services().security_log.write(line | {name: value[:64] for name, value in claims.items()})


def _address() -> str:
    return request.remote_addr or "unknown"
