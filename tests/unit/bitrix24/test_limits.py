"""Requests keep within a portal's limits, counted together by everybody on this host."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bitrix24.errors import Busy, NoAnswer
from bitrix24.limits import (
    BURST,
    ENTERPRISE_BURST,
    OPERATING_MINUTE,
    PLAN_SECONDS,
    Limits,
)

PORTAL, OTHER = "one.example.com", "two.example.com"
METHOD = "crm.item.list"


class Time:
    """Passes only when told to."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def worker(tmp_path: Path, time: Time) -> Callable[[], Limits]:
    """Makes what each worker of a host has of its own."""
    return lambda: Limits(tmp_path / "limits", clock=time)


def burst(limits: Limits, count: int = BURST) -> list[float]:
    return [limits.reserve(PORTAL, 60) for _ in range(count)]


def test_a_burst_passes_at_once_and_what_follows_waits_for_its_turn(
    worker: Callable[[], Limits],
) -> None:
    limits = worker()
    assert burst(limits) == [0.0] * BURST
    assert burst(limits, 4) == [0.5, 1.0, 1.5, 2.0]


def test_places_come_free_two_a_second(worker: Callable[[], Limits], time: Time) -> None:
    limits = worker()
    burst(limits)
    time.now += 2
    assert burst(limits, 6) == [0.0, 0.0, 0.0, 0.0, 0.5, 1.0]


def test_a_bucket_that_has_leaked_for_long_is_empty_and_no_more(
    worker: Callable[[], Limits], time: Time
) -> None:
    limits = worker()
    burst(limits)
    time.now += 3600
    assert burst(limits, BURST + 1) == [0.0] * BURST + [0.5]


def test_who_would_wait_too_long_is_told_and_takes_nobodys_place(
    worker: Callable[[], Limits],
) -> None:
    limits = worker()
    burst(limits, BURST + 4)
    for _ in range(3):
        with pytest.raises(Busy) as told:
            limits.reserve(PORTAL, 2.0)
        assert told.value.retry_after == 2.5
    assert limits.reserve(PORTAL, 2.5) == 2.5


def test_workers_of_one_host_share_the_count(worker: Callable[[], Limits]) -> None:
    burst(worker())
    assert worker().reserve(PORTAL, 60) == 0.5


def test_threads_get_a_place_each(worker: Callable[[], Limits]) -> None:
    workers = [worker() for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda n: workers[n % 4].reserve(PORTAL, 60), range(BURST + 8)))
    assert sorted(waits) == [0.0] * BURST + [0.5 * place for place in range(1, 9)]


def test_each_portal_has_a_count_of_its_own(worker: Callable[[], Limits]) -> None:
    limits = worker()
    burst(limits)
    assert limits.reserve(OTHER, 60) == 0.0


def test_a_refusal_fills_the_count_for_every_worker(worker: Callable[[], Limits]) -> None:
    worker().refused(PORTAL)
    assert worker().reserve(PORTAL, 60) == 0.5


def test_a_clock_that_was_set_back_frees_no_place_and_blocks_none(
    worker: Callable[[], Limits], time: Time
) -> None:
    limits = worker()
    burst(limits)
    time.now -= 7200
    assert limits.reserve(PORTAL, 60) == 0.5
    time.now += 1
    assert limits.reserve(PORTAL, 60) == 0.0


def test_a_damaged_file_counts_from_nothing(worker: Callable[[], Limits], tmp_path: Path) -> None:
    limits = worker()
    burst(limits)
    for path in (tmp_path / "limits").iterdir():
        path.write_bytes(b"?")
    assert limits.reserve(PORTAL, 60) == 0.0


def test_a_folder_that_cannot_be_written_stops_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "limits").write_text("a file where the folder should be")
    assert burst(Limits(tmp_path / "limits"), BURST + 9) == [0.0] * (BURST + 9)
    assert "cannot be kept" in caplog.text


def test_file_names_tell_nobody_which_portals_there_are(
    worker: Callable[[], Limits], tmp_path: Path
) -> None:
    worker().reserve("../escape.example.com", 1)
    (found,) = (tmp_path / "limits").iterdir()
    assert found.name.isalnum()


def test_work_in_the_background_leaves_half_of_the_places_to_people(
    worker: Callable[[], Limits],
) -> None:
    limits = worker()
    waits = [limits.reserve(PORTAL, 0, room=0.5) for _ in range(BURST // 2)]
    assert waits == [0.0] * (BURST // 2)
    with pytest.raises(Busy) as told:
        limits.reserve(PORTAL, 0, room=0.5)
    assert told.value.retry_after == 0.5
    assert burst(limits, BURST // 2) == [0.0] * (BURST // 2)


def test_work_in_the_background_is_told_when_there_will_be_room(
    worker: Callable[[], Limits], time: Time
) -> None:
    limits = worker()
    burst(limits)
    with pytest.raises(Busy) as told:
        limits.reserve(PORTAL, 0, room=0.5)
    time.now += told.value.retry_after - 0.1
    with pytest.raises(Busy):
        limits.reserve(PORTAL, 0, room=0.5)
    time.now += 0.1
    assert limits.reserve(PORTAL, 0, room=0.5) == 0.0


ENTERPRISE = {"LICENSE": "de_ent1000", "LICENSE_TYPE": "ent1000", "LICENSE_FAMILY": "ent"}


def test_a_portal_on_an_enterprise_plan_takes_more_from_every_worker(
    worker: Callable[[], Limits],
) -> None:
    worker().learn_plan(PORTAL, ENTERPRISE)
    assert burst(worker(), ENTERPRISE_BURST) == [0.0] * ENTERPRISE_BURST
    assert [round(wait, 3) for wait in burst(worker(), 2)] == [0.2, 0.4]


@pytest.mark.parametrize(
    "told",
    [None, [], {}, "ent", {"LICENSE": "de_ent1000"}, {"LICENSE_FAMILY": "std"}],
)
def test_a_portal_that_does_not_say_so_has_an_ordinary_bucket(
    worker: Callable[[], Limits], told: object
) -> None:
    limits = worker()
    limits.learn_plan(PORTAL, told)
    assert burst(limits, BURST + 1)[-1] == 0.5


def test_a_portal_that_refuses_has_an_ordinary_bucket_whatever_it_said(
    worker: Callable[[], Limits],
) -> None:
    limits = worker()
    limits.learn_plan(PORTAL, ENTERPRISE)
    burst(limits, BURST + 50)
    limits.refused(PORTAL)
    assert worker().reserve(PORTAL, 60) == 0.5
    assert limits.plan_is_known(PORTAL)


def test_the_plan_is_asked_for_once_a_day_by_one_worker(
    worker: Callable[[], Limits], time: Time
) -> None:
    assert not worker().plan_is_known(PORTAL)
    worker().learn_plan(PORTAL, ENTERPRISE)
    assert worker().plan_is_known(PORTAL)
    assert not worker().plan_is_known(OTHER)
    time.now += PLAN_SECONDS
    assert not worker().plan_is_known(PORTAL)


def test_who_keeps_no_count_asks_for_no_plan() -> None:
    assert Limits().plan_is_known(PORTAL)


def blocked() -> Busy:
    return Busy("OPERATION_TIME_LIMIT", status=429)


def test_a_blocked_method_is_free_again_when_its_last_answer_said(
    worker: Callable[[], Limits], time: Time
) -> None:
    limits, error = worker(), blocked()
    limits.learn(PORTAL, METHOD, {"operating": 479.5, "operating_reset_at": time.now + 300})
    limits.learn(OTHER, METHOD, {"operating": 1.5, "operating_reset_at": time.now + 600})
    time.now += 100
    limits.date(PORTAL, METHOD, error)
    assert error.retry_after == 200


@pytest.mark.parametrize("time_block", [None, [], {}, {"operating_reset_at": "soon"}])
def test_a_blocked_method_nothing_is_known_of_is_tried_again_in_a_minute(
    worker: Callable[[], Limits], time_block: object
) -> None:
    limits, error = worker(), blocked()
    limits.learn(PORTAL, METHOD, time_block)
    limits.date(PORTAL, METHOD, error)
    assert error.retry_after == OPERATING_MINUTE


def test_a_reset_that_has_passed_is_no_date(worker: Callable[[], Limits], time: Time) -> None:
    limits, error = worker(), blocked()
    limits.learn(PORTAL, METHOD, {"operating_reset_at": time.now - 5})
    limits.date(PORTAL, METHOD, error)
    assert error.retry_after == OPERATING_MINUTE


def test_other_errors_get_no_date(worker: Callable[[], Limits]) -> None:
    too_many = Busy("QUERY_LIMIT_EXCEEDED", status=503)
    worker().date(PORTAL, METHOD, too_many)
    worker().date(PORTAL, METHOD, NoAnswer("NotJson"))
    assert too_many.retry_after == 0
