"""The operator is told why a portal could not be reached."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from bitrix24.batch import Command
from bitrix24.client import PortalClient
from bitrix24.errors import NoAnswer
from bitrix24.exchange import Exchange
from bitrix24.http.transport import Transport
from bitrix24.log.journal import Journal
from oauth.authorization_server import AuthorizationServer
from sandbox import Sandbox
from tests.unit.bitrix24.steps import Server, Tokens, answering


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(port=0, portals=1, installed=True, event_delay=0, tls=True) as running:
        yield running


def code_in_journal(folder: Path, url: str, transport: Transport) -> Any:
    journal = Journal(folder, 7)

    def observer(exchange: Exchange) -> None:
        journal.write(exchange, "member", 1)

    with pytest.raises(NoAnswer):
        PortalClient(url, Tokens(), transport, observer=observer).call(Command("profile"))
    (line,) = journal.export("member")
    return json.loads(line)["error"]


def test_an_unknown_certificate_authority_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    url = sandbox.portals[0].tls_url
    assert code_in_journal(tmp_path, url, Transport(20, allow_private=True)) == "BadCertificate"


def test_a_certificate_for_another_name_is_named(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(sandbox.portals[0].tls_domain.rpartition(":")[2])

    def resolve(*_: object, **__: object) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    transport = Transport(20, allow_private=True, ca_bundle=Path(sandbox.ca_file))
    url = f"https://portal.example:{port}"
    assert code_in_journal(tmp_path, url, transport) == "BadCertificate"


def test_a_server_without_tls_is_told_apart(server: Server, tmp_path: Path) -> None:
    url = server.url.replace("http:", "https:")
    server.script = answering(b"{}")
    assert code_in_journal(tmp_path, url, Transport(5, allow_private=True)) == "SSLError"


def test_an_unknown_name_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_: object, **__: object) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    transport = Transport(5, allow_private=True)
    assert code_in_journal(tmp_path, "https://portal.example", transport) == "NameNotFound"


def test_a_timeout_is_named(server: Server, tmp_path: Path) -> None:
    ended = threading.Event()
    server.script = lambda _: [ended.wait(60)].clear()
    assert code_in_journal(tmp_path, server.url, Transport(0.1, allow_private=True)) == (
        "ReadTimeout"
    )
    ended.set()


def test_an_answer_of_another_shape_is_named(server: Server, tmp_path: Path) -> None:
    server.script = answering(b"<html>")
    assert code_in_journal(tmp_path, server.url, Transport(5, allow_private=True)) == "NotJson"


def test_further_certificate_authorities_are_trusted(sandbox: Sandbox) -> None:
    transport = Transport(20, allow_private=True, ca_bundle=Path(sandbox.ca_file))
    webhook = sandbox.portals[0].tls_webhook_url
    assert transport.post_json(f"{webhook}profile", {}).body["result"]["ID"] == "1"


def test_the_usual_certificate_authorities_are_trusted_as_well(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # The sandbox's authority takes the place of the usual ones, and the bundle names another.
    monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(sandbox.ca_file))
    other = tmp_path / "other.pem"
    with Sandbox(port=0, portals=1, tls=True, event_delay=0) as another:
        other.write_bytes(Path(another.ca_file).read_bytes())
    transport = Transport(20, allow_private=True, ca_bundle=other)
    webhook = sandbox.portals[0].tls_webhook_url
    assert transport.post_json(f"{webhook}profile", {}).status == 200


def test_an_authorization_server_is_told_of_in_the_same_words(sandbox: Sandbox) -> None:
    transport = Transport(20, allow_private=True)
    server = AuthorizationServer("app.1", "secret", (sandbox.tls_oauth_url,), transport)
    with pytest.raises(NoAnswer) as caught:
        server.find_owner(sandbox.tls_oauth_url, "token")
    assert caught.value.code == "BadCertificate"
