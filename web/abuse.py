"""Slows down who posts forged launches and events, and keeps a log of them.

Only refusals count, so an office full of people behind one address is never slowed down by its
own work. The log holds no token; what it quotes from a request is cut and escaped.
"""

from __future__ import annotations

import json
import time

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
    line = {"at": int(time.time()), "refused": what, "why": str(why), "from": _address()}
    line |= {name: value[:64] for name, value in claims.items()}
    directory = services().settings.log_dir
    directory.mkdir(parents=True, exist_ok=True)
    # Refusals are few, the bucket sees to that: no file stays open for them.
    with (directory / "security.log").open("a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")


def _address() -> str:
    return request.remote_addr or "unknown"
