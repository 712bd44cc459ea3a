"""A lookup of a name takes no longer than the request that needs it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bitrix24.errors import NotSent
from bitrix24.http.dns import addresses_of
from bitrix24.http.transport import Transport
from bitrix24.isolation import browser_request
from tests.unit.bitrix24.steps import Server, answering

PATIENCE = 30


class NameServer:
    """A name server that answers nothing until `answers` is set.

    Each test asks for hosts of its own, as a lookup may outlive its test.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.began, self.answers = threading.Event(), threading.Event()

    def resolve(self, host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        self.asked.append(host)
        self.began.set()
        assert self.answers.wait(PATIENCE)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    names = NameServer()
    monkeypatch.setattr(socket, "getaddrinfo", names.resolve)
    yield names
    names.answers.set()


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", ["portal.example", "oauth.example", "xn--80a.example"])
def test_a_call_does_not_wait_for_a_silent_name_server(
    silent: NameServer, scheme: str, host: str
) -> None:
    with pytest.raises(NotSent) as caught:
        Transport(0.05).post_json(f"{scheme}://{host}/rest/profile", {})
    assert caught.value.code == "ConnectTimeout"
    assert not silent.answers.is_set()


def test_the_time_of_the_browsers_request_counts(silent: NameServer) -> None:
    browser_request.begin(0.05)
    try:
        with pytest.raises(NotSent):
            Transport(3600).post_json("http://hurried.example/rest/profile", {})
    finally:
        browser_request.end()
    assert silent.asked == ["hurried.example"]


def test_a_host_is_looked_up_once_at_a_time(silent: NameServer) -> None:
    for _ in range(3):
        with pytest.raises(NotSent):
            Transport(0.01).post_json("http://again.example/", {})
    with pytest.raises(NotSent):
        Transport(0.01).post_json("http://elsewhere.example/", {})
    assert sorted(silent.asked) == ["again.example", "elsewhere.example"]


def test_an_answer_that_comes_in_time_is_used(silent: NameServer, server: Server) -> None:
    server.script = answering(b'{"result": 1}')
    port = server.server_address[1]
    url = f"http://prompt.example:{port}/"
    transport = Transport(PATIENCE, allow_private=True)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(transport.post_json, url, {})
        assert silent.began.wait(PATIENCE)
        silent.answers.set()
        assert waiting.result().body == {"result": 1}


def test_an_unknown_name_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[str]()

    def resolve(host: str, *_: Any, **__: Any) -> Any:
        asked.append(host)
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(NotSent) as caught:
        Transport(5).post_json("https://portal.example/", {})
    assert (caught.value.code, asked) == ("NameNotFound", ["portal.example"])


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "[::1]"])
def test_an_address_needs_no_lookup(silent: NameServer, address: str) -> None:
    assert addresses_of(address, 80, 0.01) == [address]
    assert silent.asked == []
