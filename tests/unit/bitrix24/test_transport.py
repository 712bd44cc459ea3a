"""The transport follows no redirect, keeps no cookie, and leaks no secret. It has a deadline."""

from __future__ import annotations

import gzip
import json
import os
import socket
import struct
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bitrix24.batch import Command
from bitrix24.client import PortalClient
from bitrix24.errors import ExpiredToken, NoAnswer, PortalError, SessionEnded
from bitrix24.exchange import Exchange
from bitrix24.http.transport import Transport
from oauth.authorization_server import AuthorizationServer
from store.tokens import UserToken
from tests.unit.bitrix24.steps import Script, Server, Tokens, answering, drip

SECRET = "a-token-that-nobody-may-see"


def hang_up_after(body: bytes, length: int) -> Script:
    def script(wire: Any) -> None:
        answering(body, length=length)(wire)
        wire.close()

    return script


def post(transport: Transport, server: Server) -> Any:
    return transport.post_json(f"{server.url}/rest/profile?{SECRET}", {"auth": SECRET})


def fails(transport: Transport, server: Server) -> NoAnswer:
    with pytest.raises(NoAnswer) as caught:
        post(transport, server)
    assert SECRET not in repr(caught.value)
    assert server.url not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value


def test_a_body_is_sent_and_read_as_json(transport: Transport, server: Server) -> None:
    server.script = answering(b'{"result": true}', "404 Not Found")
    answer = post(transport, server)
    assert (answer.status, answer.body, answer.location) == (404, {"result": True}, "")
    head, _, body = server.received[0].rpartition("\n")
    assert head.startswith("POST /rest/profile")
    assert json.loads(body) == {"auth": SECRET}


def test_a_compressed_answer_is_read(transport: Transport, server: Server) -> None:
    server.script = answering(gzip.compress(b'{"result": 5}'), "200 OK", "Content-Encoding: gzip")
    assert post(transport, server).body == {"result": 5}


def test_an_answer_in_chunks_is_read(transport: Transport, server: Server) -> None:
    def script(wire: Any) -> None:
        wire.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        wire.write(b'5\r\n{"res\r\n9\r\nult": 5} \r\n0\r\n\r\n')

    server.script = script
    assert post(transport, server).body == {"result": 5}


def test_connections_are_kept_open(transport: Transport, server: Server) -> None:
    for _ in range(3):
        post(transport, server)
    assert server.connections == 1


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_not_followed(transport: Transport, server: Server, status: str) -> None:
    server.script = answering(b"", status, f"Location: {server.url}/elsewhere")
    answer = post(transport, server)
    assert answer.location == f"{server.url}/elsewhere"
    assert len(server.received) == 1


@pytest.mark.parametrize("location", ["http://[", "//", "http://x:99999999/", "\x00"])
def test_a_redirect_to_a_malformed_address_does_no_harm(
    transport: Transport, server: Server, location: str
) -> None:
    server.script = answering(b"", "302 Found", f"Location: {location}")
    with suppress(NoAnswer):
        post(transport, server)
    assert len(server.received) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html>",
        b"",
        b'{"result": [1, 2',
        b"[]",
        b"1",
        b"\xff",
        b'{"result": 1e999}',
        b'{"result": -Infinity}',
        b'{"result": NaN}',
        b'{"result": ' + b"9" * 5000 + b"}",
    ],
)
def test_a_body_that_is_no_json_object_is_no_answer(
    transport: Transport, server: Server, body: bytes
) -> None:
    server.script = answering(body)
    assert fails(transport, server).code == "NotJson"


def test_an_answer_that_breaks_off_is_no_answer(transport: Transport, server: Server) -> None:
    server.script = hang_up_after(b'{"result": 1}', 500)
    fails(transport, server)


def test_a_connection_that_breaks_off_is_no_answer(transport: Transport, server: Server) -> None:
    server.script = lambda wire: wire.close()
    fails(transport, server)


@pytest.mark.parametrize("sent", [b"", b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"result": '])
def test_a_connection_that_is_reset_is_no_answer(
    transport: Transport, server: Server, sent: bytes
) -> None:
    def reset(wire: Any) -> None:
        wire.write(sent)
        wire._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(wire._sock.detach())
        wire.close()

    server.script = reset
    assert fails(transport, server).code in {"ConnectionError", "ProtocolError"}


def test_damaged_compression_is_no_answer(transport: Transport, server: Server) -> None:
    server.script = answering(b"not gzip", "200 OK", "Content-Encoding: gzip")
    fails(transport, server)


def test_a_refused_connection_is_no_answer(transport: Transport) -> None:
    with Server() as gone:
        pass
    fails(transport, gone)


def test_an_answer_that_arrives_byte_by_byte_times_out(server: Server) -> None:
    server.script = drip
    fails(Transport(0.2, allow_private=True), server)


def test_a_head_that_arrives_byte_by_byte_times_out(server: Server) -> None:
    def drip_head(wire: Any) -> None:
        wire.write(b"HTTP/1.1 200 OK\r\nX-Header: ")
        while True:
            wire.write(b"x")
            time.sleep(0.02)

    server.script = drip_head
    fails(Transport(0.2, allow_private=True), server)


def test_a_silent_server_times_out(server: Server) -> None:
    ended = threading.Event()
    server.script = lambda _: [ended.wait(60)].clear()
    fails(Transport(0.1, allow_private=True), server)
    ended.set()


def test_cookies_are_not_kept(transport: Transport, server: Server) -> None:
    server.script = answering(b"{}", "200 OK", "Set-Cookie: PHPSESSID=someone; Path=/")
    post(transport, server)
    post(transport, server)
    assert "PHPSESSID" not in server.received[1]


def test_neither_proxy_nor_netrc_of_the_machine_is_used(
    transport: Transport, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    post(transport, server)
    assert "authorization:" not in server.received[0].lower()


def authorization(server: Server, timeout: float = 5) -> AuthorizationServer:
    transport = Transport(timeout, allow_private=True)
    return AuthorizationServer("app.1", "the-secret", (server.url,), transport)


def refresh(server: Server, timeout: float = 5) -> UserToken:
    spent = UserToken("member", 7, "spent", SECRET, 0, server.url)
    return authorization(server, timeout).refresh(spent)


OWNER = b'"member_id": "member", "user_id": 7'
GRANT = b'{"access_token": "a", "refresh_token": "b", "expires_in": 3600, ' + OWNER + b"}"


def test_a_refresh_posts_the_secret_in_the_body_only(server: Server) -> None:
    server.script = answering(GRANT, "200 OK", "Content-Type: application/json")
    fresh = refresh(server)
    assert (fresh.access_token, fresh.refresh_token, fresh.user_id) == ("a", "b", 7)
    head, _, body = server.received[0].rpartition("\n")
    assert head.startswith("POST /oauth/token/ HTTP")
    assert "the-secret" not in head
    assert SECRET not in head
    assert f"refresh_token={SECRET}" in body
    assert "client_secret=the-secret" in body


def test_a_refresh_without_a_new_refresh_token_keeps_the_old_one(server: Server) -> None:
    server.script = answering(b'{"access_token": "a", "expires_in": 3600, ' + OWNER + b"}")
    assert refresh(server).refresh_token == SECRET


def test_refreshes_share_one_open_connection(server: Server) -> None:
    server.script = answering(GRANT)
    known = authorization(server)
    for _ in range(3):
        known.refresh(UserToken("member", 7, "spent", SECRET, 0, server.url))
    assert server.connections == 1


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b'{"error": "invalid_grant"}', "400 Bad Request", SessionEnded),
        (b'{"error": "wrong_client"}', "200 OK", PortalError),
        (b'{"error": "invalid_client", "error_description": "x"}', "400 Bad Request", PortalError),
        (b"{}", "200 OK", NoAnswer),
        (b'{"refresh_token": "b"}', "200 OK", NoAnswer),
        (b"[]", "200 OK", NoAnswer),
        (b"[" * 100_000, "200 OK", NoAnswer),
        (b'{"access_token": "a", "refresh_token": "b", "expires_in": 1e999}', "200 OK", NoAnswer),
        (b"null", "200 OK", NoAnswer),
        (b"1", "200 OK", NoAnswer),
        (b"<html>", "200 OK", NoAnswer),
        (b"", "502 Bad Gateway", NoAnswer),
        (b'{"error": "invalid_grant"}', "500 Error", NoAnswer),
    ],
)
def test_a_refresh_without_tokens_raises_the_reason(
    server: Server, body: bytes, status: str, kind: type[PortalError]
) -> None:
    server.script = answering(body, status)
    with pytest.raises(kind) as caught:
        refresh(server)
    assert SECRET not in repr(caught.value)
    assert isinstance(caught.value, NoAnswer) == (kind is NoAnswer)


def test_a_refresh_follows_no_redirect(server: Server) -> None:
    server.script = answering(GRANT, "307 Temporary", f"Location: {server.url}/elsewhere")
    with suppress(NoAnswer):
        refresh(server)
    assert len(server.received) == 1


def test_a_refresh_that_arrives_byte_by_byte_times_out(server: Server) -> None:
    server.script = drip
    with pytest.raises(NoAnswer):
        refresh(server, timeout=0.2)


def test_an_expired_token_is_renewed_once_and_the_call_repeated(
    transport: Transport, server: Server
) -> None:
    answers = [
        answering(b'{"error": "expired_token"}', "401 Unauthorized"),
        answering(b'{"result": 1}'),
    ]
    server.script = lambda wire: answers.pop(0)(wire)
    tokens, seen = Tokens(), list[Exchange]()
    client = PortalClient(f"{server.url}/rest/", tokens, transport, observer=seen.append)
    assert client.call(Command("profile")) == 1
    assert tokens.spent == ["first"]
    assert '"second"' in server.received[1]
    assert [exchange.outcome for exchange in seen] == ["ExpiredToken", "ok"]


def test_a_renewed_token_that_is_refused_again_ends_the_call(
    transport: Transport, server: Server
) -> None:
    server.script = answering(b'{"error": "expired_token"}', "401 Unauthorized")
    with pytest.raises(ExpiredToken):
        PortalClient(f"{server.url}/rest/", Tokens(), transport).call(Command("profile"))
    assert len(server.received) == 2


@pytest.mark.parametrize("answer", [b"5", b"true", b"[]"])
def test_an_error_of_null_is_none(transport: Transport, server: Server, answer: bytes) -> None:
    server.script = answering(b'{"error": null, "result": ' + answer + b"}")
    client = PortalClient(f"{server.url}/rest/", Tokens(), transport)
    assert client.call(Command("booking.v1.waitlist.client.set")) == json.loads(answer)


@pytest.mark.parametrize("body", [b"{}", b'{"time": {}}', b'{"error": null}'])
def test_a_body_without_result_and_error_is_no_answer(
    transport: Transport, server: Server, body: bytes
) -> None:
    server.script = answering(body)
    with pytest.raises(NoAnswer):
        PortalClient(f"{server.url}/rest/", Tokens(), transport).call(Command("profile"))
