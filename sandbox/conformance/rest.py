"""Calls to the portal under test; failures and reports hold no secrets."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

_TIMEOUT = 60
_RETRY_SECONDS = 120.0
_PAUSE_SECONDS = 0.6
# Commands in one batch.
BATCH = 50


class NoAnswer(Exception):
    """The portal could not be reached, or its answer is not a JSON object."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: dict[str, Any]
    headers: Mapping[str, str]

    @property
    def result(self) -> Any:
        assert "error" not in self.body, f"error {self.body['error']}: {self.text}"
        return self.body["result"]

    @property
    def error(self) -> str:
        """The code as text: it is a number in the docs and a text in the portal's source."""
        assert "error" in self.body, "the call succeeded"
        return str(self.body["error"])

    @property
    def text(self) -> str:
        return str(self.body.get("error_description", ""))


class Rest:
    """Calls a portal with a webhook, with a token, or without authorization."""

    def __init__(self, address: str, token: str | None = None) -> None:
        self._address = address.rstrip("/") + "/"
        self._token = {"auth": token} if token else {}
        self._session = requests.Session()

    def __repr__(self) -> str:
        return "<Rest>"

    def call(self, method: str, /, **params: Any) -> Answer:
        return self.send("POST", method, json={**params, **self._token})

    def form(self, method: str, fields: Mapping[str, str], /) -> Answer:
        return self.send("POST", method, data={**fields, **self._token})

    def get(self, method: str, /, **query: str) -> Answer:
        return self.send("GET", method, params={**query, **self._token})

    def raw(
        self, method: str, body: str, kind: str = "application/json", /, **query: str
    ) -> Answer:
        """Send a body exactly as given; the token is in the query."""
        return self.send(
            "POST",
            method,
            data=body.encode(),
            headers={"Content-Type": kind},
            params={**query, **self._token},
        )

    def batch(self, commands: Any, /, **more: Any) -> dict[str, Any]:
        maps = self.call("batch", cmd=commands, **more).result
        assert isinstance(maps, dict)
        return maps

    def many(self, commands: list[str]) -> list[Any]:
        """Return the results of any number of commands, all of which must succeed."""
        results: list[Any] = []
        for start in range(0, len(commands), BATCH):
            maps = self.batch(commands[start : start + BATCH])
            assert not maps["result_error"], maps["result_error"]
            results += maps["result"]
        return results

    def send(self, verb: str, method: str, **request: Any) -> Answer:
        """Send a request; repeats it while the portal refuses it for its rate limit."""
        deadline = time.monotonic() + _RETRY_SECONDS
        while True:
            answer = self._send_once(verb, method, **request)
            busy = answer.body.get("error") == "QUERY_LIMIT_EXCEEDED"
            if not busy or time.monotonic() > deadline:
                return answer
            time.sleep(_PAUSE_SECONDS)

    def _send_once(self, verb: str, method: str, **request: Any) -> Answer:
        try:
            reply = self._session.request(
                verb, self._address + method, timeout=_TIMEOUT, allow_redirects=False, **request
            )
        except requests.RequestException as problem:
            # The error's text has the address, which may contain the webhook.
            raise NoAnswer(f"{method}: {type(problem).__name__}") from None
        try:
            body = reply.json()
        except json.JSONDecodeError:
            raise NoAnswer(f"{method}: status {reply.status_code}, not JSON") from None
        if not isinstance(body, dict):
            raise NoAnswer(f"{method}: status {reply.status_code}, not a JSON object")
        return Answer(reply.status_code, body, reply.headers)
