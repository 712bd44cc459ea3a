"""Static files at addresses that change with their content, for long caching.

The version is part of the path, not of the query, so a module that imports `./request.js` gets the
same version as itself.
"""

import hashlib
from functools import cache
from io import BytesIO
from pathlib import Path

from flask import Blueprint, Flask, Response, send_file, send_from_directory, url_for

STATIC = Path(__file__).resolve().parents[2] / "static"
ONE_YEAR = 365 * 24 * 3600
SHEETS = ("tokens", "base", "board", "list", "picker", "booking", "calls", "touch")
"""Style sheets of all pages. A later rule may replace an earlier one."""

bp = Blueprint("assets", __name__)


@bp.get("/static/<version>/<path:filename>")
def file(version: str, filename: str) -> Response:
    return send_from_directory(STATIC, filename, max_age=_age(version))


@bp.get("/static/<version>/css/page.css")
def style_sheet(version: str) -> Response:
    """Answer with all style sheets as one file.

    A browser shows nothing before it has the last, and each more would be one more request.
    """
    content = b"".join((STATIC / "css" / f"{name}.css").read_bytes() for name in SHEETS)
    return send_file(BytesIO(content), "text/css", max_age=_age(version), etag=_version())


def asset(path: str) -> str:
    """Return the address of a file under `static/`."""
    return url_for("assets.file", version=_version(), filename=path)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.context_processor(lambda: {"asset": asset})


def _age(version: str) -> int:
    return ONE_YEAR if version == _version() else 0


@cache
def _version() -> str:
    digest = hashlib.sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
