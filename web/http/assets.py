"""Static files at addresses that change with their content, for long caching.

The version is part of the path, not of the query, so a module that imports `./request.js` gets the
same version as itself.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, send_from_directory, url_for

STATIC = Path(__file__).resolve().parents[2] / "static"
ONE_YEAR = 365 * 24 * 3600

bp = Blueprint("assets", __name__)


@bp.get("/static/<version>/<path:filename>")
def file(version: str, filename: str) -> Response:
    current = version == _version()
    return send_from_directory(STATIC, filename, max_age=ONE_YEAR if current else 0)


def asset(path: str) -> str:
    """Return the address of a file under `static/`."""
    return url_for("assets.file", version=_version(), filename=path)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.context_processor(lambda: {"asset": asset})


@cache
def _version() -> str:
    digest = hashlib.sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
