"""Connections are kept for the next call, but not used after a long idle time."""

from __future__ import annotations

import math
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from urllib3.connection import HTTPConnection

from bitrix24.batch import Command, only_reads
from bitrix24.client import PortalClient
from bitrix24.errors import NoAnswer
from bitrix24.http import pooling
from bitrix24.http.pooling import IDLE_SECONDS, POOL_HOSTS, SWEEP_SECONDS, KeptConnection
from bitrix24.http.transport import Transport
from tests.unit.bitrix24.steps import Server, Tokens, answering, running

READ = Command("booking.v1.waitlist.list")
WRITE = Command("booking.v1.waitlist.add")
MANY = 400
"""Hosts whose two ends fit into the open files of one process."""


class Clock:
    """Replaces the clock of idle connections."""

    def __init__(self) -> None:
        # Whole seconds, so that sums are exact, and not before the transport was made.
        self.now = float(math.ceil(time.monotonic()))

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(pooling, "time", clock)
    return clock


@pytest.fixture
def servers() -> Iterator[list[Server]]:
    with ExitStack() as stack:
        yield [stack.enter_context(running()) for _ in range(40)]


def client(server: Server, transport: Transport) -> PortalClient:
    return PortalClient(f"{server.url}/rest", Tokens(), transport)


def post(server: Server, transport: Transport) -> None:
    transport.post_json(server.url, {})


def sockets(transport: Transport) -> list[socket.socket]:
    pools = transport._adapter.poolmanager.pools
    kept = [one for key in pools.keys() for one in pools[key].pool.queue]  # noqa: SIM118
    return [one.sock for one in kept if one is not None and one.sock is not None]


@pytest.mark.parametrize(
    ("idle", "connections"), [(1, 1), (IDLE_SECONDS - 1, 1), (IDLE_SECONDS, 2), (3600, 2)]
)
def test_a_connection_that_was_idle_for_a_minute_is_not_used(
    server: Server, transport: Transport, clock: Clock, idle: float, connections: int
) -> None:
    post(server, transport)
    clock.now += idle
    post(server, transport)
    assert server.connections == connections


def test_a_connection_that_is_used_often_is_kept(
    server: Server, transport: Transport, clock: Clock
) -> None:
    for _ in range(5):
        post(server, transport)
        clock.now += IDLE_SECONDS / 2
    assert server.connections == 1


def test_idle_connections_of_other_hosts_are_closed(
    servers: list[Server], transport: Transport, clock: Clock
) -> None:
    for server in servers[:5]:
        post(server, transport)
    assert len(sockets(transport)) == 5
    clock.now += IDLE_SECONDS
    post(servers[5], transport)
    assert len(sockets(transport)) == 1


def test_connections_to_many_hosts_are_kept(servers: list[Server], transport: Transport) -> None:
    for _ in range(3):
        for server in servers:
            post(server, transport)
    assert {server.connections for server in servers} == {1}


def test_more_idle_connections_than_allowed_are_closed_the_longest_idle_first(
    servers: list[Server], transport: Transport, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pooling, "MOST_IDLE", 10)
    for server in servers[:30]:
        post(server, transport)
        clock.now += 0.01
    assert len(sockets(transport)) == 30
    clock.now += SWEEP_SECONDS
    post(servers[29], transport)
    assert len(sockets(transport)) == 10
    for server in servers[20:30]:
        post(server, transport)
    assert {server.connections for server in servers[20:30]} == {1}


def test_there_is_room_for_a_thousand_portals() -> None:
    assert POOL_HOSTS >= pooling.MOST_IDLE >= 1000


def test_many_portals_keep_their_connections(
    server: Server, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = (socket.AF_INET, socket.SOCK_STREAM, 6, "", server.server_address)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: [there])
    portals = [f"http://portal-{number}.example.com" for number in range(MANY)]
    for _ in range(2):
        for portal in portals:
            transport.post_json(portal, {})
    assert server.connections == MANY


def test_a_host_keeps_no_more_connections_than_a_page_uses(transport: Transport) -> None:
    pool = transport._adapter.poolmanager.connection_from_url("http://127.0.0.1:1")
    assert pool.pool is not None
    assert pool.pool.maxsize == pooling.POOL_SIZE


def test_keep_alive_is_on(server: Server, transport: Transport) -> None:
    post(server, transport)
    (kept,) = sockets(transport)
    assert kept.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert kept.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    if hasattr(socket, "TCP_KEEPIDLE"):
        assert kept.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) < IDLE_SECONDS


def hang_up(wire: Any) -> None:
    wire.close()


def go_stale(server: Server, transport: Transport) -> None:
    """Let the server close the open connection when the next request arrives on it."""
    server.script = answering(b'{"result": 1}')
    client(server, transport).call(READ)
    server.received.clear()
    scripts = [hang_up]
    answer = server.script
    server.script = lambda wire: scripts.pop()(wire) if scripts else answer(wire)


@pytest.mark.parametrize("command", [READ, Command("crm.item.get", {"id": 1}), Command("profile")])
def test_a_read_on_a_closed_connection_is_sent_once_more(
    server: Server, transport: Transport, command: Command
) -> None:
    go_stale(server, transport)
    assert client(server, transport).call(command) == 1
    assert (len(server.received), server.connections) == (2, 2)


def test_a_batch_that_only_reads_is_sent_once_more(server: Server, transport: Transport) -> None:
    go_stale(server, transport)
    client(server, transport).batch([READ, Command("crm.item.list")])
    assert len(server.received) == 2


def test_an_answer_is_read_where_the_request_cannot_be_sent_whole(
    server: Server, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = HTTPConnection.request

    def request(self: HTTPConnection, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        raise BrokenPipeError

    server.script = answering(b'{"result": 1}')
    client(server, transport).call(WRITE)
    monkeypatch.setattr(HTTPConnection, "request", request)
    assert client(server, transport).call(WRITE) == 1
    assert len(server.received) == 2


@pytest.mark.parametrize(
    "commands", [[WRITE], [READ, WRITE], [WRITE, READ], [Command("crm.item.listen")]]
)
def test_what_changes_something_is_never_sent_again(
    server: Server, transport: Transport, commands: list[Command]
) -> None:
    go_stale(server, transport)
    with pytest.raises(NoAnswer):
        client(server, transport).batch(commands)
    assert len(server.received) == 1


def test_a_read_is_not_sent_a_third_time(server: Server, transport: Transport) -> None:
    go_stale(server, transport)
    server.script = hang_up
    with pytest.raises(NoAnswer):
        client(server, transport).call(READ)
    assert len(server.received) == 2


def test_a_read_on_a_fresh_connection_is_not_sent_again(
    server: Server, transport: Transport
) -> None:
    server.script = hang_up
    with pytest.raises(NoAnswer):
        client(server, transport).call(READ)
    assert len(server.received) == 1


def test_the_second_try_uses_a_new_connection(
    server: Server, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[KeptConnection] = []
    original = KeptConnection.connect

    def connect(self: KeptConnection) -> None:
        opened.append(self)
        original(self)

    go_stale(server, transport)
    monkeypatch.setattr(KeptConnection, "connect", connect)
    assert client(server, transport).call(READ) == 1
    assert len(opened) == 1


@pytest.mark.parametrize("method", ["crm.item.add", "crm.item", "", "event.bind", "list.add"])
def test_other_methods_are_taken_for_ones_that_change_something(method: str) -> None:
    assert not only_reads(method)
