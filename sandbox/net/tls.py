"""Whether the current request came over https, so that answers name https."""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]

_https: ContextVar[bool] = ContextVar("https", default=False)


def is_https() -> bool:
    return _https.get()


def mark_https(app: WsgiApp) -> WsgiApp:
    """Wrap the application of an https server: `is_https` is true while it answers."""

    def secured(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        mark = _https.set(True)
        try:
            return app(environ, start_response)
        finally:
            _https.reset(mark)

    return secured
