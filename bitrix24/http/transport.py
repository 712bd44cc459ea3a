"""Sends every HTTP request of the app to a portal or an authorization server."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from bitrix24.errors import NoAnswer, error_by_status
from bitrix24.http.body import MemoryBudget, parse_object, read_body
from bitrix24.http.deadline import DeadlineAdapter
from bitrix24.http.pooling import is_stale
from bitrix24.http.reasons import no_answer
from bitrix24.http.ssrf_guard import PublicAdapter

MOST_DIGITS = 6
"""Of a Retry-After that is taken seriously."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer with a JSON object. `location` is set on a redirect, which is never followed.

    `retry_after` is in seconds, 0 where the answer does not say it.
    """

    status: int
    body: dict[str, Any]
    location: str = ""
    retry_after: float = 0.0


class Transport:
    """Posts to a URL and reads a JSON object. Shared by all threads of a process.

    It holds no cookies, follows no redirect, and gives up after `timeout` seconds, however slowly
    the answer arrives. It connects to public addresses only, unless `allow_private` is set.
    """

    def __init__(
        self, timeout: float, *, allow_private: bool = False, ca_bundle: Path | None = None
    ) -> None:
        self.timeout = timeout
        self._adapter = (DeadlineAdapter if allow_private else PublicAdapter)(ca_bundle)
        self._budget = MemoryBudget()
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

    def post_json(
        self, url: str, body: Mapping[str, Any], *, only_reads: bool = False
    ) -> HttpAnswer:
        """Post a JSON body. Raises NoAnswer, after which the outcome is unknown.

        A call that only reads is sent once more where a kept connection turns out to be closed.
        """
        answer = self._post(url, only_reads=only_reads, json=body)
        try:
            return self._parsed(answer)
        except NoAnswer as error:
            seconds = _retry_after(answer)
            raise error_by_status(error, seconds, only_reads=only_reads) from None

    def post_form(self, url: str, fields: Mapping[str, str]) -> HttpAnswer:
        """Post form fields. Raises NoAnswer, after which the outcome is unknown."""
        return self._parsed(self._post(url, data=fields))

    def _post(self, url: str, *, only_reads: bool = False, **content: Any) -> requests.Response:
        try:
            return self._send(url, only_reads, content)
        except (requests.RequestException, OSError, ValueError) as error:
            # ValueError: a Location that is no URL. The original error holds the URL and sometimes
            # the body, so only a word is kept.
            raise no_answer(error) from None

    @staticmethod
    def _parsed(response: requests.Response) -> HttpAnswer:
        status = response.status_code
        if response.is_redirect:
            return HttpAnswer(status, {}, response.headers["Location"])
        body = parse_object(response.content, status)
        return HttpAnswer(status, body, retry_after=_retry_after(response))

    def _send(self, url: str, only_reads: bool, content: dict[str, Any]) -> requests.Response:
        until = time.monotonic() + self.timeout
        post = partial(self._session.post, url, allow_redirects=False, **content)
        try:
            return post(timeout=self.timeout)
        except requests.ConnectionError as error:
            left = until - time.monotonic()
            if not only_reads or not is_stale(error) or left <= 0:
                raise
        # The other connections to this host were probably closed together with that one.
        self._adapter.close_pooled(urlsplit(url).hostname or "")
        return post(timeout=left)

    def _read_whole(self, response: requests.Response, **_: Any) -> requests.Response:
        """Read the body into memory. Raises NoAnswer where it is too large or breaks off."""
        response.raw = BytesIO(read_body(response, self._budget))
        return response


def _retry_after(response: requests.Response) -> float:
    """Return the seconds that an answer says to wait, 0 for none or a date."""
    text = response.headers.get("Retry-After", "").strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < MOST_DIGITS else 0.0
