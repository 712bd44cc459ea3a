"""One way out: every HTTP request of the app to a portal or an authorization server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from io import BytesIO
from math import isfinite
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from bitrix24.errors import NoAnswer
from bitrix24.http.deadline import DeadlineAdapter
from bitrix24.http.ssrf_guard import PublicAdapter

MAX_ANSWER_BYTES = 32 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
POOL_SIZE = 32


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back. `location` is set on a redirect, which is never followed."""

    status: int
    body: dict[str, Any]
    location: str = ""


class Transport:
    """Posts and reads JSON. Shared by all threads of a process; holds no cookies, follows no
    redirect, and gives up after `timeout` seconds however slowly the bytes drip. It connects to
    public addresses only, unless `allow_private` (development) says otherwise."""

    def __init__(self, timeout: float, *, allow_private: bool = False) -> None:
        self.timeout = timeout
        adapter = DeadlineAdapter if allow_private else PublicAdapter
        self._adapter = adapter(pool_connections=POOL_SIZE, pool_maxsize=POOL_SIZE)
        self._session = requests.Session()
        self.equip(self._session)

    def equip(self, session: requests.Session) -> None:
        """Gives another session this transport's connections and its manners."""
        session.trust_env = False
        # A portal's session cookie of another user would change whom a token speaks for.
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.mount("https://", self._adapter)
        session.mount("http://", self._adapter)
        session.hooks["response"] = [self._read_whole]

    def post_json(self, url: str, body: Mapping[str, Any]) -> HttpAnswer:
        """Raises NoAnswer when nothing usable came back; the outcome is then unknown."""
        return self._post(url, json=body)

    def post_form(self, url: str, fields: Mapping[str, str]) -> HttpAnswer:
        """As `post_json`, with form fields."""
        return self._post(url, data=fields)

    def _post(self, url: str, **content: Any) -> HttpAnswer:
        try:
            response = self._session.post(
                url, timeout=self.timeout, allow_redirects=False, **content
            )
        except (requests.RequestException, OSError, ValueError) as error:
            # ValueError: a Location that is no URL. The original error holds the URL and sometimes
            # the body: keep only what kind it was.
            raise NoAnswer(type(error).__name__) from None
        if response.is_redirect:
            return HttpAnswer(response.status_code, {}, response.headers["Location"])
        return HttpAnswer(
            response.status_code, _json_object(response.content, response.status_code)
        )

    def _read_whole(self, response: requests.Response, **_: Any) -> requests.Response:
        """The response with its body read, if that is not too large."""
        body = bytearray()
        try:
            while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    raise NoAnswer("TooLong", status=response.status_code)
        except (HTTPError, OSError) as error:
            raise NoAnswer(type(error).__name__, status=response.status_code) from None
        finally:
            response.close()
        response.raw = BytesIO(body)
        return response


def _json_object(raw: bytes, status: int) -> dict[str, Any]:
    try:
        body = json.loads(raw, parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise NoAnswer("NotJson", status=status)
    return body


def _finite(text: str) -> float:
    """JSON has no infinite number, but Python reads `1e999` as one, and `Infinity` too."""
    number = float(text)
    if not isfinite(number):
        raise ValueError
    return number
