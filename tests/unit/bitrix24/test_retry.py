"""A call is sent again only where the portal did nothing, and for a limited time."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from bitrix24 import errors
from bitrix24.batch import Command
from bitrix24.client import PortalClient
from bitrix24.http.transport import HttpAnswer, Transport
from bitrix24.limits import WAIT_SECONDS, Limits, WaitBudget

SET = Command("booking.v1.waitlist.client.set", {"waitListId": 1})
READ = Command("booking.v1.waitlist.client.list", {"waitListId": 1})
PROFILE = Command("profile")
FINE = HttpAnswer(200, {"result": True})
TOO_MANY = HttpAnswer(503, {"error": "QUERY_LIMIT_EXCEEDED", "error_description": "Too many"})


class Tokens:
    def access_token(self) -> str:
        return "token"

    def retire(self, refused: str) -> None:
        pass

    def renew(self, spent: str) -> str:
        return f"after {spent}"


class Line(Transport):
    """Gives the answers it was made with, then only successful ones."""

    def __init__(self, *answers: HttpAnswer | errors.PortalError) -> None:
        self.answers = list(answers)
        self.sent: list[str] = []
        self.lock = threading.Lock()

    def post_json(self, url: str, *_: Any, **__: Any) -> HttpAnswer:
        with self.lock:
            self.sent.append(url.rpartition("/")[2])
            answer = self.answers.pop(0) if self.answers else FINE
        if isinstance(answer, errors.PortalError):
            raise answer
        return answer


class Time(Limits):
    """Limits whose time passes only while they sleep; they keep the pauses."""

    def __init__(self) -> None:
        super().__init__(clock=lambda: self.now, sleep=self.pass_by)
        self.now = 1_800_000_000.0
        self.pauses: list[float] = []
        self.lock = threading.Lock()

    def pass_by(self, seconds: float) -> None:
        with self.lock:
            self.pauses.append(seconds)
            self.now += seconds


@pytest.fixture
def limits() -> Time:
    return Time()


@pytest.fixture
def pauses(limits: Time) -> list[float]:
    return limits.pauses


def client(line: Line, limits: Limits) -> PortalClient:
    return PortalClient("https://one.example.com/rest/", Tokens(), line, limits=limits)


def refusal(code: str, status: int = 400) -> HttpAnswer:
    return HttpAnswer(status, {"error": code, "error_description": "No"})


def test_a_refused_call_is_sent_again_until_it_passes(limits: Limits, pauses: list[float]) -> None:
    line = Line(TOO_MANY, TOO_MANY, TOO_MANY)
    assert client(line, limits).call(PROFILE) is True
    assert line.sent == ["profile"] * 4
    assert [round(pause) for pause in pauses[1:]] == [1, 2]


def test_a_503_with_an_unclear_error_means_busy_only_for_reads(limits: Limits) -> None:
    failed = refusal("INTERNAL_SERVER_ERROR", 503)
    with pytest.raises(errors.Busy):
        client(Line(failed), limits).call(READ)
    with pytest.raises(errors.NoAnswer):
        client(Line(failed), limits).call(SET)


def test_an_error_in_the_body_counts_more_than_a_redirect(limits: Limits) -> None:
    moved = HttpAnswer(302, {"error": "PORTAL_DELETED"}, "https://elsewhere.example.com/")
    with pytest.raises(errors.PortalClosed):
        client(Line(moved), limits).call(READ)


def test_pauses_double_and_stop_growing() -> None:
    time = Time()
    budget = WaitBudget(time, seconds=12, jitter=lambda: 1.0)
    with pytest.raises(errors.Busy) as told:
        budget.send("one.example.com", Busily())
    assert time.pauses == [0.5, 1.0, 2.0, 4.0, 4.0]
    assert told.value.retry_after == 4.0


class Busily:
    """A request that the portal always refuses as one too many."""

    def __call__(self) -> None:
        raise errors.Busy("QUERY_LIMIT_EXCEEDED", status=503)


def test_calls_refused_together_are_not_repeated_together(
    limits: Limits, pauses: list[float]
) -> None:
    for _ in range(20):
        client(Line(TOO_MANY), limits).call(PROFILE)
    assert len(set(pauses)) > 1


def test_waiting_ends_after_a_few_seconds(limits: Limits, pauses: list[float]) -> None:
    with pytest.raises(errors.Busy) as told:
        client(Line(*[TOO_MANY] * 99), limits).call(PROFILE)
    assert sum(pauses) <= WAIT_SECONDS
    assert told.value.retry_after > 0


def test_all_calls_of_one_client_share_one_budget(limits: Limits, pauses: list[float]) -> None:
    busy = client(Line(*[TOO_MANY] * 99), limits)
    for _ in range(9):
        with pytest.raises(errors.Busy):
            busy.call(PROFILE)
    assert sum(pauses) <= WAIT_SECONDS


def test_parallel_calls_share_one_budget(limits: Limits, pauses: list[float]) -> None:
    busy = client(Line(*[TOO_MANY] * 99), limits)
    with pytest.raises(errors.Busy):
        busy.read([READ] * 400)
    assert sum(pauses) <= WAIT_SECONDS


def test_time_spent_on_calls_after_the_first_wait_counts(limits: Time, pauses: list[float]) -> None:
    budget = WaitBudget(limits, seconds=5, jitter=lambda: 1.0)

    def slowly() -> None:
        limits.now += 2
        raise errors.Busy("QUERY_LIMIT_EXCEEDED", status=503)

    with pytest.raises(errors.Busy):
        budget.send("one.example.com", slowly)
    assert pauses == [0.5, 1.0]


def test_time_spent_before_the_first_wait_does_not_count(limits: Time) -> None:
    line = Line()
    portal = client(line, limits)
    for _ in range(9):
        portal.call(PROFILE)
        limits.now += WAIT_SECONDS
    line.answers = [TOO_MANY]
    assert portal.call(PROFILE) is True


def test_background_work_does_not_wait(limits: Limits, pauses: list[float]) -> None:
    line = Line(TOO_MANY)
    background = PortalClient(
        "https://one.example.com/rest/", Tokens(), line, limits=limits, background=True
    )
    with pytest.raises(errors.Busy) as told:
        background.call(PROFILE)
    assert (line.sent, pauses) == (["profile"], [])
    assert told.value.retry_after > 0


def test_a_refused_batch_is_sent_again_whole(limits: Limits) -> None:
    line = Line(TOO_MANY, HttpAnswer(200, {"result": {"result": [True]}}))
    assert client(line, limits).batch([SET])[SET] is True
    assert line.sent == ["batch", "batch"]


@pytest.mark.parametrize(
    "answer",
    [
        errors.NoAnswer("ReadTimeout"),
        errors.NoAnswer("NotJson", status=502),
        HttpAnswer(200, {"nothing": "of use"}),
        refusal("INTERNAL_SERVER_ERROR", 500),
    ],
)
def test_a_call_that_may_have_been_carried_out_is_not_sent_again(
    limits: Limits, pauses: list[float], answer: HttpAnswer | errors.PortalError
) -> None:
    line = Line(answer)
    with pytest.raises(errors.NoAnswer):
        client(line, limits).call(SET)
    assert len(line.sent) == 1
    assert pauses == []


NEVER = sorted(
    code for code, kind in errors.KINDS.items() if kind not in (errors.Busy, errors.ExpiredToken)
)


@pytest.mark.parametrize("code", [*NEVER, "OPERATION_TIME_LIMIT", "1035", "", "0"])
def test_no_other_refusal_is_sent_again(limits: Limits, pauses: list[float], code: str) -> None:
    line = Line(refusal(code))
    with pytest.raises(errors.PortalError):
        client(line, limits).call(SET)
    assert len(line.sent) == 1
    assert pauses == []


def test_a_token_that_expires_while_waiting_is_renewed_once(limits: Limits) -> None:
    line = Line(TOO_MANY, refusal("expired_token", 401), TOO_MANY)
    assert client(line, limits).call(PROFILE) is True
    assert len(line.sent) == 4


def test_a_method_blocked_inside_a_batch_has_a_time_to_wait(limits: Limits) -> None:
    blocked = {"error": "OPERATION_TIME_LIMIT", "error_description": "Method is blocked"}
    answers = [
        {"result": [True], "result_time": [{"operating_reset_at": 4e9}]},
        {"result": [], "result_error": [blocked], "result_time": []},
    ]
    line = Line(*[HttpAnswer(200, {"result": answer}) for answer in answers])
    portal = client(line, limits)
    portal.batch([SET])
    error = portal.batch([SET]).errors[SET]
    assert isinstance(error, errors.Busy)
    assert error.retry_after > 600


def test_a_method_blocked_in_a_single_call_has_a_time_to_wait(limits: Limits) -> None:
    fine = HttpAnswer(200, {"result": True, "time": {"operating_reset_at": 4e9}})
    portal = client(Line(fine, refusal("OPERATION_TIME_LIMIT", 429)), limits)
    portal.call(SET)
    with pytest.raises(errors.Busy) as told:
        portal.call(SET)
    assert told.value.retry_after > 600
