"""Sends every HTTP request of the app to a portal or an authorization server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from io import BytesIO
from typing import Any

import requests

from bitrix24.errors import NoAnswer
from bitrix24.http.body import Room, parse_object, read_body
from bitrix24.http.deadline import DeadlineAdapter
from bitrix24.http.ssrf_guard import PublicAdapter

POOL_SIZE = 32


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer with a JSON object. `location` is set on a redirect, which is never followed."""

    status: int
    body: dict[str, Any]
    location: str = ""


class Transport:
    """Posts to a URL and reads a JSON object. Shared by all threads of a process.

    It holds no cookies, follows no redirect, and gives up after `timeout` seconds, however slowly
    the answer arrives. It connects to public addresses only, unless `allow_private` is set.
    """

    def __init__(self, timeout: float, *, allow_private: bool = False) -> None:
        self.timeout = timeout
        adapter = DeadlineAdapter if allow_private else PublicAdapter
        self._adapter = adapter(pool_connections=POOL_SIZE, pool_maxsize=POOL_SIZE)
        self._room = Room()
        self._session = requests.Session()
        self.configure(self._session)

    def configure(self, session: requests.Session) -> None:
        """Let another session use this transport's connections, under the same rules."""
        session.trust_env = False
        session.headers["Accept-Encoding"] = "gzip"
        # With a portal's session cookie of another user, a token would act for that user.
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.mount("https://", self._adapter)
        session.mount("http://", self._adapter)
        session.hooks["response"] = [self._read_whole]

    def post_json(self, url: str, body: Mapping[str, Any]) -> HttpAnswer:
        """Post a JSON body. Raises NoAnswer, after which the outcome is unknown."""
        return self._post(url, json=body)

    def post_form(self, url: str, fields: Mapping[str, str]) -> HttpAnswer:
        """Post form fields. Raises NoAnswer, after which the outcome is unknown."""
        return self._post(url, data=fields)

    def _post(self, url: str, **content: Any) -> HttpAnswer:
        try:
            response = self._session.post(
                url, timeout=self.timeout, allow_redirects=False, **content
            )
        except (requests.RequestException, OSError, ValueError) as error:
            # ValueError: a Location that is no URL. The original error holds the URL and sometimes
            # the body, so only its class is kept.
            raise NoAnswer(type(error).__name__) from None
        if response.is_redirect:
            return HttpAnswer(response.status_code, {}, response.headers["Location"])
        return HttpAnswer(
            response.status_code, parse_object(response.content, response.status_code)
        )

    def _read_whole(self, response: requests.Response, **_: Any) -> requests.Response:
        """Read the body into memory. Raises NoAnswer where it is too large or breaks off."""
        response.raw = BytesIO(read_body(response, self._room))
        return response
