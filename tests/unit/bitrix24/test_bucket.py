"""Requests stay within a portal's limits, counted by all workers of a host."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bitrix24.bucket import (
    BURST,
    ENTERPRISE_BURST,
    PLAN_SECONDS,
    UNUSED_SECONDS,
    RequestBucket,
)
from bitrix24.errors import Busy
from tests.unit.bitrix24.steps import Clock

PORTAL, OTHER = "one.example.com", "two.example.com"


@pytest.fixture
def worker(tmp_path: Path, clock: Clock) -> Callable[[], RequestBucket]:
    """Makes the bucket of one more worker of the host."""
    return lambda: RequestBucket(tmp_path / "limits", clock)


@pytest.fixture
def bucket(worker: Callable[[], RequestBucket]) -> RequestBucket:
    return worker()


def burst(bucket: RequestBucket, count: int = BURST) -> list[float]:
    return [bucket.reserve(PORTAL, 60) for _ in range(count)]


def test_a_burst_passes_at_once_and_later_requests_wait(bucket: RequestBucket) -> None:
    assert burst(bucket) == [0.0] * BURST
    assert burst(bucket, 4) == [0.5, 1.0, 1.5, 2.0]


def test_two_places_a_second_become_free(bucket: RequestBucket, clock: Clock) -> None:
    burst(bucket)
    clock.now += 2
    assert burst(bucket, 6) == [0.0, 0.0, 0.0, 0.0, 0.5, 1.0]


def test_a_bucket_never_gets_emptier_than_empty(bucket: RequestBucket, clock: Clock) -> None:
    burst(bucket)
    clock.now += 3600
    assert burst(bucket, BURST + 1) == [0.0] * BURST + [0.5]


def test_a_wait_that_is_too_long_raises_and_takes_no_place(bucket: RequestBucket) -> None:
    burst(bucket, BURST + 4)
    for _ in range(3):
        with pytest.raises(Busy) as told:
            bucket.reserve(PORTAL, 2.0)
        assert told.value.retry_after == 2.5
    assert bucket.reserve(PORTAL, 2.5) == 2.5


def test_workers_of_one_host_share_the_count(worker: Callable[[], RequestBucket]) -> None:
    burst(worker())
    assert worker().reserve(PORTAL, 60) == 0.5


def test_each_thread_gets_a_place_of_its_own(worker: Callable[[], RequestBucket]) -> None:
    workers = [worker() for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda n: workers[n % 4].reserve(PORTAL, 60), range(BURST + 8)))
    assert sorted(waits) == [0.0] * BURST + [0.5 * place for place in range(1, 9)]


def test_each_portal_has_a_count_of_its_own(bucket: RequestBucket) -> None:
    burst(bucket)
    assert bucket.reserve(OTHER, 60) == 0.0


def test_a_refusal_fills_the_bucket_for_every_worker(worker: Callable[[], RequestBucket]) -> None:
    worker().fill(PORTAL)
    assert worker().reserve(PORTAL, 60) == 0.5


def test_a_clock_that_was_set_back_frees_no_place_and_blocks_none(
    bucket: RequestBucket, clock: Clock
) -> None:
    burst(bucket)
    clock.now -= 7200
    assert bucket.reserve(PORTAL, 60) == 0.5
    clock.now += 1
    assert bucket.reserve(PORTAL, 60) == 0.0


def test_a_damaged_file_counts_from_nothing(bucket: RequestBucket, tmp_path: Path) -> None:
    burst(bucket)
    for path in (tmp_path / "limits").iterdir():
        path.write_bytes(b"?")
    assert not bucket.plan_is_known(PORTAL)
    assert bucket.reserve(PORTAL, 60) == 0.0


def test_a_folder_that_cannot_be_written_holds_nothing_back(
    bucket: RequestBucket, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "limits").write_text("a file where the folder should be")
    assert burst(bucket, BURST + 9) == [0.0] * (BURST + 9)
    assert "cannot be kept" in caplog.text


def test_file_names_do_not_tell_which_portals_there_are(
    bucket: RequestBucket, tmp_path: Path
) -> None:
    bucket.reserve("../escape.example.com", 1)
    (found,) = (tmp_path / "limits").iterdir()
    assert found.name.isalnum()


def test_background_work_leaves_half_of_the_places_to_people(bucket: RequestBucket) -> None:
    waits = [bucket.reserve(PORTAL, 0, share=0.5) for _ in range(BURST // 2)]
    assert waits == [0.0] * (BURST // 2)
    with pytest.raises(Busy) as told:
        bucket.reserve(PORTAL, 0, share=0.5)
    assert told.value.retry_after == 0.5
    assert burst(bucket, BURST // 2) == [0.0] * (BURST // 2)


def test_background_work_is_told_when_there_will_be_room(
    bucket: RequestBucket, clock: Clock
) -> None:
    burst(bucket)
    with pytest.raises(Busy) as told:
        bucket.reserve(PORTAL, 0, share=0.5)
    clock.now += told.value.retry_after - 0.1
    with pytest.raises(Busy):
        bucket.reserve(PORTAL, 0, share=0.5)
    clock.now += 0.1
    assert bucket.reserve(PORTAL, 0, share=0.5) == 0.0


def test_an_enterprise_portal_takes_more_from_every_worker(
    worker: Callable[[], RequestBucket],
) -> None:
    worker().save_plan(PORTAL, enterprise=True)
    assert burst(worker(), ENTERPRISE_BURST) == [0.0] * ENTERPRISE_BURST
    assert [round(wait, 3) for wait in burst(worker(), 2)] == [0.2, 0.4]


def test_a_portal_with_another_plan_has_an_ordinary_bucket(bucket: RequestBucket) -> None:
    bucket.save_plan(PORTAL, enterprise=True)
    bucket.save_plan(PORTAL, enterprise=False)
    assert burst(bucket, BURST + 1)[-1] == 0.5


def test_a_portal_that_refuses_has_an_ordinary_bucket_despite_its_plan(
    worker: Callable[[], RequestBucket],
) -> None:
    bucket = worker()
    bucket.save_plan(PORTAL, enterprise=True)
    burst(bucket, BURST + 50)
    bucket.fill(PORTAL)
    assert worker().reserve(PORTAL, 60) == 0.5
    assert bucket.plan_is_known(PORTAL)


def test_the_plan_is_known_to_every_worker_for_a_day(
    worker: Callable[[], RequestBucket], clock: Clock
) -> None:
    assert not worker().plan_is_known(PORTAL)
    worker().save_plan(PORTAL, enterprise=True)
    assert worker().plan_is_known(PORTAL)
    assert not worker().plan_is_known(OTHER)
    clock.now += PLAN_SECONDS
    assert not worker().plan_is_known(PORTAL)


def test_asking_whether_the_plan_is_known_writes_no_file(
    bucket: RequestBucket, tmp_path: Path
) -> None:
    assert not bucket.plan_is_known(PORTAL)
    assert not (tmp_path / "limits").exists()


def test_without_a_count_the_plan_does_not_matter(clock: Clock) -> None:
    assert RequestBucket(None, clock).plan_is_known(PORTAL)


def test_the_files_of_portals_that_are_gone_are_deleted(
    bucket: RequestBucket, clock: Clock, tmp_path: Path
) -> None:
    for number in range(20):
        bucket.reserve(f"gone{number}.example.com", 0)
    clock.now += UNUSED_SECONDS - 60
    bucket.save_plan(PORTAL, enterprise=True)
    bucket.prune()
    assert len(list((tmp_path / "limits").iterdir())) == 21
    clock.now += 120
    bucket.prune()
    assert len(list((tmp_path / "limits").iterdir())) == 1
    assert bucket.plan_is_known(PORTAL)


def test_without_files_there_is_nothing_to_delete(
    worker: Callable[[], RequestBucket], clock: Clock
) -> None:
    worker().prune()
    RequestBucket(None, clock).prune()
