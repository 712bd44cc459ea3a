"""A host that is slow or hangs takes neither the threads nor the time of others."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import Context
from typing import Any

import pytest
from urllib3.util import connection

from bitrix24.batch import Command
from bitrix24.client import PortalClient
from bitrix24.errors import Busy, NoAnswer, NotPermitted, Unresponsive
from bitrix24.http.transport import HttpAnswer, Transport
from bitrix24.isolation import browser_request
from bitrix24.isolation.breaker import HANG_SECONDS, HANGS, PAUSE, WINDOW, CircuitBreaker
from bitrix24.isolation.bulkhead import Bulkhead
from bitrix24.limits import Limits
from oauth.authorization_server import AuthorizationServer
from tests.unit.bitrix24.steps import Clock, Server, Tokens, answering, drip

READ = Command("booking.v1.waitlist.list")
WRITE = Command("booking.v1.waitlist.add")
HERE, ELSEWHERE = "slow.example.com", "fine.example.com"


@pytest.fixture
def request_of_a_browser() -> Iterator[browser_request.BrowserRequest]:
    browser_request.begin(60)
    request = browser_request.current()
    assert request
    yield request
    browser_request.end()


def crowd(bulkhead: Bulkhead, host: str, share: float = 1.0) -> int:
    """Let requests arrive until one is refused. Returns how many hold a place then."""
    for held in range(1000):
        try:
            Context().run(hold, bulkhead, host, share)
        except Unresponsive:
            return held
    raise AssertionError("nothing was refused")


def hold(bulkhead: Bulkhead, host: str, share: float = 1.0) -> browser_request.BrowserRequest:
    """Begin a request that works for a portal."""
    browser_request.begin(60)
    bulkhead.hold(host, share)
    request = browser_request.current()
    assert request
    return request


@pytest.mark.parametrize(("threads", "most"), [(1, 1), (2, 1), (4, 2), (16, 5), (128, 38)])
def test_one_portal_gets_a_third_of_the_threads(threads: int, most: int) -> None:
    bulkhead = Bulkhead(threads)
    assert crowd(bulkhead, HERE) == most
    assert bulkhead.taken == most


@pytest.mark.parametrize("hosts", [1, 2, 5, 20])
def test_a_thread_stays_free_for_others_when_many_portals_have_crowds(hosts: int) -> None:
    bulkhead = Bulkhead(128)
    places = [crowd(bulkhead, f"{number}.example.com") for number in range(hosts)]
    assert all(places)
    Context().run(hold, bulkhead, ELSEWHERE)


def test_work_in_the_background_leaves_places_to_people() -> None:
    bulkhead = Bulkhead(128)
    background = crowd(bulkhead, HERE, 0.5)
    people = crowd(bulkhead, HERE)
    assert background > 0
    assert people > 0
    with pytest.raises(Unresponsive):
        Context().run(hold, bulkhead, HERE, 0.5)


def test_a_place_is_free_again_when_the_request_ends() -> None:
    bulkhead = Bulkhead(4)
    requests = [Context().run(hold, bulkhead, HERE) for _ in range(2)]
    assert crowd(bulkhead, HERE) == 0
    requests.pop().end()
    assert bulkhead.taken == 1
    assert crowd(bulkhead, HERE) == 1


def test_a_request_needs_one_place_for_all_its_calls_and_threads() -> None:
    bulkhead = Bulkhead(4)
    for _ in range(9):
        bulkhead.hold(HERE)
        with bulkhead.visit(ELSEWHERE):
            pass
    assert bulkhead.taken == 0, "outside of a request nothing is taken"
    request = Context().run(hold, bulkhead, HERE)
    context = Context()
    context.run(browser_request._current.set, request)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: context.copy().run(bulkhead.hold, HERE), range(50)))
    assert bulkhead.taken == 1
    request.end()
    request.end()
    assert bulkhead.taken == 0


def test_a_request_left_over_is_ended_by_the_next_one_of_its_thread() -> None:
    bulkhead = Bulkhead(4)

    def twice() -> None:
        hold(bulkhead, HERE)
        hold(bulkhead, ELSEWHERE)
        assert bulkhead.taken == 1
        browser_request.end()

    Context().run(twice)
    assert bulkhead.taken == 0


def test_a_visit_takes_a_place_for_one_call(
    request_of_a_browser: browser_request.BrowserRequest,
) -> None:
    bulkhead = Bulkhead(4)
    with bulkhead.visit(HERE):
        assert bulkhead.taken == 1
    assert bulkhead.taken == 0
    crowd(bulkhead, HERE)
    with pytest.raises(Unresponsive) as refused, bulkhead.visit(HERE):
        raise AssertionError("the call was sent")
    assert refused.value.retry_after > 0
    bulkhead.hold(ELSEWHERE)
    with bulkhead.visit(HERE):
        assert request_of_a_browser.holds_place


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(clock)


def attempt(
    breaker: CircuitBreaker, clock: Clock, seconds: float = 5, error: Exception | None = None
) -> None:
    """Call a host, which answers or fails after so many seconds."""
    breaker.admit(HERE)
    with suppress(NoAnswer, NotPermitted), breaker.watch(HERE):
        clock.now += seconds
        if error:
            raise error


def hang(breaker: CircuitBreaker, clock: Clock, times: int = HANGS, seconds: float = 5) -> None:
    for _ in range(times):
        attempt(breaker, clock, seconds, NoAnswer("ReadTimeout"))


def test_a_host_that_hangs_is_refused_at_once_and_says_when_to_try_again(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    hang(breaker, clock)
    clock.now += 1
    with pytest.raises(Unresponsive) as refused:
        breaker.admit(HERE)
    assert refused.value.retry_after == PAUSE - 1
    assert breaker.open_circuits == 1
    breaker.admit(ELSEWHERE)


def test_after_a_pause_one_call_tries_whether_the_host_answers(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    hang(breaker, clock)
    clock.now += PAUSE
    breaker.admit(HERE)
    for _ in range(5):
        with pytest.raises(Unresponsive):
            breaker.admit(HERE)
    clock.now += PAUSE
    breaker.admit(HERE)  # that call was lost without an outcome


def test_a_call_that_is_answered_ends_the_refusals(breaker: CircuitBreaker, clock: Clock) -> None:
    hang(breaker, clock)
    clock.now += PAUSE
    attempt(breaker, clock)
    assert breaker.open_circuits == 0
    hang(breaker, clock, HANGS - 1)
    breaker.admit(HERE)


def test_a_call_that_hangs_again_keeps_the_host_refused(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    hang(breaker, clock)
    clock.now += PAUSE
    hang(breaker, clock, 1)
    with pytest.raises(Unresponsive) as refused:
        breaker.admit(HERE)
    assert refused.value.retry_after == PAUSE


@pytest.mark.parametrize("error", [None, NotPermitted("ACCESS_DENIED")])
def test_only_calls_in_a_row_count(
    breaker: CircuitBreaker, clock: Clock, error: Exception | None
) -> None:
    for _ in range(4):
        hang(breaker, clock, HANGS - 1)
        attempt(breaker, clock, error=error)
    breaker.admit(HERE)


@pytest.mark.parametrize("code", ["ConnectionError", "NotJson", "NameNotFound"])
def test_failures_that_take_no_time_do_not_count(
    breaker: CircuitBreaker, clock: Clock, code: str
) -> None:
    for _ in range(9):
        attempt(breaker, clock, HANG_SECONDS / 2, NoAnswer(code))
    breaker.admit(HERE)
    assert breaker.open_circuits == 0


def test_long_ago_does_not_count(breaker: CircuitBreaker, clock: Clock) -> None:
    hang(breaker, clock, HANGS - 1)
    clock.now += WINDOW
    hang(breaker, clock, HANGS - 1)
    breaker.admit(HERE)


def hang_up(wire: Any) -> None:
    """Close the connection without an answer."""
    wire.close()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> Transport:
    """A transport whose calls without an answer count, however short they are."""
    monkeypatch.setattr("bitrix24.isolation.breaker.HANG_SECONDS", 0.0)
    return Transport(20, allow_private=True)


def test_a_call_to_a_host_that_hangs_is_neither_sent_nor_counted(
    server: Server, hasty: Transport, tmp_path: Any
) -> None:
    server.script = hang_up
    limits = Limits(tmp_path)
    portal = PortalClient(f"{server.url}/rest", Tokens(), hasty, limits=limits)
    for _ in range(HANGS):
        with pytest.raises(NoAnswer):
            portal.call(READ)
    sent, level = len(server.received), (tmp_path / next(tmp_path.iterdir())).read_bytes()
    for _ in range(9):
        with pytest.raises(Unresponsive):
            portal.batch([READ, WRITE])
    assert len(server.received) == sent == HANGS
    assert (tmp_path / next(tmp_path.iterdir())).read_bytes() == level


def test_an_authorization_server_that_hangs_is_not_asked(server: Server, hasty: Transport) -> None:
    server.script = hang_up
    known = AuthorizationServer("app.1", "the-secret", (server.url,), hasty)
    for _ in range(HANGS):
        with pytest.raises(NoAnswer):
            known.find_owner(server.url, "a token of someone")
    with pytest.raises(Unresponsive):
        known.find_owner(server.url, "a token of someone")
    with pytest.raises(Unresponsive):
        known.trade_code(server.url, "a code")
    assert len(server.received) == HANGS


@pytest.mark.parametrize("connections", [0, 1])
def test_an_answer_that_drips_ends_with_the_request(server: Server, connections: int) -> None:
    body = b'{"result": "' + b"x" * 20 + b'"}'

    def end_late(wire: Any) -> None:
        answering(b"", length=len(body))(wire)
        for byte in body:
            wire.write(bytes([byte]))
            time.sleep(0.02)

    transport = Transport(60, allow_private=True)
    for _ in range(connections):
        transport.post_json(server.url, {})
    server.script = drip
    browser_request.begin(0.2)
    with pytest.raises(NoAnswer):
        transport.post_json(server.url, {})
    browser_request.end()
    server.script = end_late
    assert transport.post_json(server.url, {}).body["result"]


@pytest.mark.parametrize("silent_ones", [1, 2, 9])
def test_all_addresses_of_a_host_share_one_timeout(
    server: Server, monkeypatch: pytest.MonkeyPatch, silent_ones: int
) -> None:
    """Some addresses of a host do not answer; the last one does."""
    now = [time.monotonic()]
    timeouts: list[float] = []
    original = connection.create_connection

    def connect(address: tuple[str, int], timeout: float, **options: Any) -> socket.socket:
        if address[0] == "127.0.0.1":
            return original(address, 5, **options)
        now[0] += timeout
        timeouts.append(timeout)
        raise TimeoutError

    def resolve(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        names = [host] if host == "127.0.0.1" else [f"192.0.2.{n}" for n in range(silent_ones)]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (name, port)) for name in names] + [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
        ]

    server.script = answering(b'{"result": 1}')
    monkeypatch.setattr(connection, "create_connection", connect)
    monkeypatch.setattr("bitrix24.http.deadline.time.monotonic", lambda: now[0])
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    port = server.server_address[1]
    answer = Transport(10, allow_private=True).post_json(f"http://portal.example.com:{port}", {})
    assert answer.body == {"result": 1}
    assert len(timeouts) == silent_ones
    assert sum(timeouts) < 10


class Slowly(Transport):
    """Answers after some seconds of the request's time."""

    def __init__(self, request: browser_request.BrowserRequest) -> None:
        self.request = request
        self.sent: list[str] = []

    def post_json(self, url: str, *_: Any, **__: Any) -> HttpAnswer:
        self.sent.append(url)
        self.request._until -= 20
        return HttpAnswer(200, {"result": []})


def test_no_call_is_begun_when_the_time_is_used_up(
    request_of_a_browser: browser_request.BrowserRequest,
) -> None:
    line = Slowly(request_of_a_browser)
    portal = PortalClient(f"https://{HERE}/rest", Tokens(), line)
    for _ in range(3):
        portal.call(READ)
    with pytest.raises(Unresponsive) as refused:
        portal.call(READ)
    assert (len(line.sent), refused.value.code) == (3, "OUT_OF_TIME")


def test_a_change_is_begun_only_when_there_is_time_to_read_it_back(
    request_of_a_browser: browser_request.BrowserRequest,
) -> None:
    line = Slowly(request_of_a_browser)
    portal = PortalClient(f"https://{HERE}/rest", Tokens(), line)
    request_of_a_browser._until -= 55
    with pytest.raises(Unresponsive):
        portal.call(WRITE)
    assert line.sent == []
    portal.call(READ)


def test_waiting_for_the_limit_ends_with_the_request(
    request_of_a_browser: browser_request.BrowserRequest,
) -> None:
    pauses: list[float] = []
    request_of_a_browser._until -= 58

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        request_of_a_browser._until -= seconds

    class Refusing(Transport):
        def __init__(self) -> None:
            pass

        def post_json(self, *_: Any, **__: Any) -> HttpAnswer:
            return HttpAnswer(503, {"error": "QUERY_LIMIT_EXCEEDED"})

    limits = Limits(clock=lambda: 1_800_000_000.0 + sum(pauses), sleep=sleep)
    portal = PortalClient(f"https://{HERE}/rest", Tokens(), Refusing(), limits=limits)
    with pytest.raises(Busy):
        portal.call(READ)
    assert sum(pauses) <= 2


def test_a_crowd_of_one_portal_is_refused_while_a_neighbor_is_served() -> None:
    limits, free = Limits(), threading.Event()
    limits.bulkhead.threads = 8
    refusals: list[str] = []
    limits.on_refusal = refusals.append

    class Waiting(Transport):
        def __init__(self) -> None:
            pass

        def post_json(self, url: str, *_: Any, **__: Any) -> HttpAnswer:
            if HERE in url:
                free.wait(30)
            return HttpAnswer(200, {"result": []})

    def visit(host: str) -> str:
        browser_request.begin(60)
        try:
            PortalClient(f"https://{host}/rest", Tokens(), Waiting(), limits=limits).call(READ)
        except Unresponsive as refused:
            return refused.code
        finally:
            browser_request.end()
        return "ok"

    with ThreadPoolExecutor(20) as threads:
        jobs = [threads.submit(visit, HERE) for _ in range(20)]
        while len(refusals) < 17:
            time.sleep(0.01)
        assert threads.submit(visit, ELSEWHERE).result(30) == "ok"
        free.set()
        outcomes = [job.result(30) for job in jobs]
    assert outcomes.count("ok") == 3
    assert refusals == ["CROWDED"] * 17
    assert limits.bulkhead.taken == 0
