"""Serves the app under the path of APP_URL, as in `https://example.com/app`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def init_app(app: Flask, app_url: str) -> None:
    """Let `url_for` put the path before each address. Remove it from those that arrive.

    A proxy may remove it, too. An address without the path is served all the same.
    """
    prefix, inner = urlsplit(app_url).path, app.wsgi_app
    if prefix:
        app.wsgi_app = _served_under(prefix, inner)  # type: ignore[method-assign, assignment]


def _served_under(prefix: str, inner: WSGIApplication) -> WSGIApplication:
    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if f"{path}/".startswith(f"{prefix}/"):
            path = path[len(prefix) :] or "/"
        return inner({**environ, "SCRIPT_NAME": prefix, "PATH_INFO": path}, start_response)

    return serve
