"""Slows down who posts forged launches and events, and keeps a log of them.

Only refusals count, so an office full of people behind one address is never slowed down by its
own work. The log holds no token; what it quotes from a request is cut and escaped.
"""

from __future__ import annotations

from flask import request
from werkzeug.exceptions import TooManyRequests

from bitrix24.guard import is_public
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
    """The caller's address. A peer in our own network is our reverse proxy: it has appended whom
    it speaks for, and what stands before that anybody may have written."""
    peer = request.remote_addr or ""
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        from_proxy = bool(forwarded) and not is_public(peer)
    except ValueError:
        from_proxy = False
    return (forwarded if from_proxy else peer)[:64]
