"""Slows down who posts forged launches and events, and keeps a log of them.

Only refusals count, so an office full of people behind one address is never slowed down by its
own work. They count for each portal apart: many portals speak from the same addresses of their
vendor. The log holds no token; what it quotes from a request is cut and escaped.
"""

from __future__ import annotations

from flask import request
from werkzeug.exceptions import TooManyRequests

from bitrix24.http.ssrf_guard import is_public
from oauth.launch import MEMBER_ID
from web.http.refusal_counter import FORGIVEN_AFTER
from web.services import services


def too_many(what: str, member_id: str = "") -> bool:
    """Whether the caller has been refused this too often just now, in the name of this portal."""
    return services().refusal_counter.too_many(_source(what, member_id))


def refuse_the_abusive(what: str, member_id: str = "") -> None:
    """Raises TooManyRequests for a caller that has been refused this too often just now."""
    if too_many(what, member_id):
        raise TooManyRequests(retry_after=int(FORGIVEN_AFTER) + 1)


def note_refusal(what: str, why: str, member_id: str = "", **claims: str) -> None:
    """Counts a refusal and writes it down, unless there are too many to be written. `member_id`
    and `claims` are what the request said of itself."""
    source = _source(what, member_id)
    if services().refusal_counter.too_many(source):
        return
    services().refusal_counter.add(source)
    line = {"refused": what, "why": str(why), "from": _address()}
    claims["member_id"] = member_id
    services().security_log.write(line | {name: value[:64] for name, value in claims.items()})


def _source(what: str, member_id: str) -> tuple[str, ...]:
    """What to count a refusal under. Portals that we do not know are one: anybody can make up
    another name for each request."""
    known = MEMBER_ID.fullmatch(member_id) and services().portals.find(member_id)
    return (what, _address(), member_id if known else "")


def _address() -> str:
    """The caller's address. A peer in our own network, or at a socket file (""), is our reverse
    proxy: it has appended whom it speaks for, and what stands before that anybody may have
    written."""
    peer = request.remote_addr or ""
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        from_proxy = bool(forwarded) and not (peer and is_public(peer))
    except ValueError:
        from_proxy = False
    return (forwarded if from_proxy else peer)[:64]
