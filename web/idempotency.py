"""The random word in each form that makes something new, by which it is known when it comes again.

The forms are sent by scripts, by browsers that reload a page, and by whoever presses twice.
"""

from __future__ import annotations

import re
import secrets

from flask import request

from web.forms import BadForm

FIELD = "attempt"
SHAPE = re.compile(r"[A-Za-z0-9_-]{16,64}")
BYTES = 18


def new_attempt() -> str:
    """For a form that is begun."""
    return secrets.token_urlsafe(BYTES)


def same_attempt(field: str = FIELD) -> str:
    """For a form that goes on: that of the form which was sent, if it had one."""
    attempt = request.form.get(field, "")
    return attempt if SHAPE.fullmatch(attempt) else new_attempt()


def read_attempt(field: str = FIELD) -> str:
    """That of the form which was sent. Raises BadForm.

    A page that was opened before forms had any sends none, and is served like a new form."""
    attempt = request.form.get(field) or new_attempt()
    if not SHAPE.fullmatch(attempt):
        raise BadForm("not an attempt")
    return attempt
