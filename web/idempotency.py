"""The random word that identifies a creating form, if it is sent again.

Forms are sent again by scripts, by browsers that reload a page, and by users who press twice.
"""

import re
import secrets

from werkzeug.datastructures import MultiDict

from web.forms import BadForm

FIELD = "attempt"
SHAPE = re.compile(r"[A-Za-z0-9_-]{16,64}")
BYTES = 18


def new_attempt() -> str:
    """Return a word for a new form."""
    return secrets.token_urlsafe(BYTES)


def read_attempt(form: MultiDict[str, str], field: str = FIELD) -> str:
    """Read the word of a form. Raises BadForm.

    A form without one is served like a new form: pages opened before forms had them send none.
    """
    attempt = form.get(field) or new_attempt()
    if not SHAPE.fullmatch(attempt):
        raise BadForm("not an attempt")
    return attempt
