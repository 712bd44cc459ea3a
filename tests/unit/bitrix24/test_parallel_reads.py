"""Reads of many batches are sent a few at a time, writes one after another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from bitrix24.batch import Command
from bitrix24.bucket import BURST
from bitrix24.client import PARALLEL_REQUESTS, PortalClient
from bitrix24.errors import NoAnswer, NotPermitted
from bitrix24.exchange import Exchange
from bitrix24.http.transport import HttpAnswer, Transport
from bitrix24.limits import Limits

NUMBERS = range(470)
COMMANDS = [Command("crm.item.get", {"id": number}, int) for number in NUMBERS]
TOGETHER = 5
"""Seconds within which parallel requests have to meet."""


class Line(Transport):
    """Answers each command with its own id; `before` is called before each answer."""

    def __init__(self, before: Callable[[], None] = lambda: None) -> None:
        self.before = before
        self.hosts: list[str] = []
        self.tokens: list[str] = []
        self.under_way = self.most = 0
        self.lock = threading.Lock()

    def post_json(self, url: str, body: Mapping[str, Any], **_: Any) -> HttpAnswer:
        with self.lock:
            self.hosts.append(urlsplit(url).netloc)
            self.tokens.append(body["auth"])
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        try:
            self.before()
            return self.answer(urlsplit(url).netloc, body)
        finally:
            with self.lock:
                self.under_way -= 1

    def answer(self, host: str, body: Mapping[str, Any]) -> HttpAnswer:
        if body["auth"] == "old":
            return HttpAnswer(401, {"error": "expired_token"})
        if host == "old.example.com":
            return HttpAnswer(302, {}, "https://new.example.com/rest/batch")
        results = [int(cmd.partition("=")[2]) for cmd in body["cmd"]]
        return HttpAnswer(200, {"result": {"result": results}})


class Tokens:
    def __init__(self, first: str = "good") -> None:
        self.token = first

    def access_token(self) -> str:
        return self.token

    def retire(self, refused: str) -> None:
        pass

    def renew(self, spent: str) -> str:
        assert spent == "old"
        self.token = "good"
        return self.token


def client(line: Line, host: str = "one.example.com", **options: Any) -> PortalClient:
    tokens = options.pop("tokens", Tokens())
    return PortalClient(f"https://{host}/rest/", tokens, line, limits=Limits(), **options)


def test_reads_are_sent_in_parallel_and_every_answer_finds_its_command() -> None:
    meeting = threading.Barrier(PARALLEL_REQUESTS)
    met = threading.Event()

    def wait() -> None:
        if not met.is_set():
            meeting.wait(TOGETHER)
            met.set()

    line = Line(wait)
    answer = client(line).read(COMMANDS)
    assert [answer[command] for command in COMMANDS] == list(NUMBERS)
    assert len(line.hosts) == 10
    assert line.most == PARALLEL_REQUESTS


def test_batches_that_may_write_are_sent_one_after_another() -> None:
    line = Line()
    answer = client(line).batch(COMMANDS)
    assert [answer[command] for command in COMMANDS] == list(NUMBERS)
    assert (len(line.hosts), line.most) == (10, 1)


def test_a_chain_of_more_than_one_request_is_refused() -> None:
    line = Line()
    with pytest.raises(ValueError, match="one HTTP request"):
        client(line).chain(COMMANDS)
    assert line.hosts == []


def test_a_single_request_needs_no_thread() -> None:
    threads: list[int] = []
    line = Line(lambda: threads.append(threading.get_ident()))
    client(line).read(COMMANDS[:50])
    assert threads == [threading.get_ident()]
    assert client(line).read([]).results == {}
    assert len(threads) == 1


def test_one_failed_request_fails_the_whole_reading() -> None:
    turns = iter(range(99))

    def fail_once() -> None:
        if next(turns) == 3:
            raise NoAnswer("ReadTimeout")

    with pytest.raises(NoAnswer):
        client(Line(fail_once)).read(COMMANDS)


def test_errors_of_single_commands_are_kept_by_command() -> None:
    class Closed(Line):
        def answer(self, _host: str, body: Mapping[str, Any]) -> HttpAnswer:
            errors = [{"error": "ACCESS_DENIED"} for _ in body["cmd"]]
            return HttpAnswer(200, {"result": {"result": [], "result_error": errors}})

    answer = client(Closed()).read(COMMANDS)
    assert all(isinstance(answer.errors[command], NotPermitted) for command in COMMANDS)


def test_an_expired_token_is_renewed_for_all_requests() -> None:
    line = Line()
    answer = client(line, tokens=Tokens("old")).read(COMMANDS)
    assert len(answer.results) == len(COMMANDS)
    assert line.tokens.count("old") <= PARALLEL_REQUESTS


def test_a_move_found_by_several_requests_is_looked_up_once() -> None:
    asked: list[str] = []

    def relocate(token: str) -> str:
        asked.append(token)
        return "https://new.example.com/rest/"

    line = Line()
    answer = client(line, "old.example.com", relocate=relocate).read(COMMANDS)
    assert len(answer.results) == len(COMMANDS)
    assert asked == ["good"]


def test_every_thread_knows_the_request_of_the_browser() -> None:
    belongs_to: ContextVar[str] = ContextVar("belongs_to", default="")
    seen: list[str] = []

    def observe(_exchange: Exchange) -> None:
        seen.append(belongs_to.get())

    belongs_to.set("this page")
    client(Line(), observer=observe).read(COMMANDS)
    assert seen == ["this page"] * 10


class Plan(Line):
    """Also tells its plan."""

    def __init__(self, plan: object) -> None:
        super().__init__()
        self.plan = plan
        self.asked = 0

    def answer(self, _host: str, body: Mapping[str, Any]) -> HttpAnswer:
        asks = [command.startswith("app.info") for command in body["cmd"]]
        self.asked += sum(asks)
        results = [self.plan if ask else True for ask in asks]
        assert len(body["cmd"]) <= 50
        return HttpAnswer(200, {"result": {"result": results}})


ENTERPRISE = {"LICENSE": "de_ent1000", "LICENSE_TYPE": "ent1000", "LICENSE_FAMILY": "ent"}
PORTAL = "one.example.com"
PROFILE = Command("profile")


def waits(limits: Limits) -> list[float]:
    """Returns the waits of as many requests as an ordinary bucket takes, and one more."""
    return [limits.bucket.reserve(PORTAL, 60) for _ in range(BURST + 1)]


def test_the_plan_is_asked_for_in_a_batch_that_goes_out_anyway(tmp_path: Path) -> None:
    line, limits = Plan(ENTERPRISE), Limits(tmp_path)
    for _ in range(3):
        portal = PortalClient(f"https://{PORTAL}/rest/", Tokens(), line, limits=limits)
        assert portal.batch([PROFILE])[PROFILE] is True
    assert (line.asked, len(line.hosts)) == (1, 3)
    assert not any(waits(limits))


@pytest.mark.parametrize(
    "plan", [None, [], {}, "ent", {"LICENSE": "de_ent1000"}, {"LICENSE_FAMILY": "std"}]
)
def test_a_portal_that_tells_no_enterprise_plan_has_an_ordinary_bucket(
    tmp_path: Path, plan: object
) -> None:
    line, limits = Plan(plan), Limits(tmp_path, clock=lambda: 1_800_000_000.0)
    for _ in range(2):
        PortalClient(f"https://{PORTAL}/rest/", Tokens(), line, limits=limits).batch([PROFILE])
    assert line.asked == 1
    assert any(waits(limits))


def test_a_full_batch_has_no_room_to_ask_for_the_plan(tmp_path: Path) -> None:
    line = Plan(ENTERPRISE)
    portal = PortalClient(f"https://{PORTAL}/rest/", Tokens(), line, limits=Limits(tmp_path))
    portal.batch([PROFILE] * 100)
    assert line.asked == 0
