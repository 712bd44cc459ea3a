"""Whether the request being answered came over https: answers then name https addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]

_spoken: ContextVar[bool] = ContextVar("spoken_over_tls", default=False)


def spoken() -> bool:
    return _spoken.get()


def over_tls(app: WsgiApp) -> WsgiApp:
    def secured(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        mark = _spoken.set(True)
        try:
            return app(environ, start_response)
        finally:
            _spoken.reset(mark)

    return secured
