"""A bucket leaks at a steady rate, and is kept until it is empty."""

from __future__ import annotations

import pytest

from web.http.leaky_buckets import LeakyBuckets
from web.oauth.launch import UNKNOWN_TOKENS_ALLOWED
from web.services import FORGIVEN_AFTER, REFUSALS_ALLOWED

HERE, ELSEWHERE = ("launch", "203.0.113.5", "here"), ("launch", "203.0.113.6", "elsewhere")


@pytest.mark.parametrize("filled", [REFUSALS_ALLOWED, UNKNOWN_TOKENS_ALLOWED, 1000])
@pytest.mark.parametrize("waited", [61, 63, 100])
def test_a_bucket_of_any_size_leaks_and_is_not_forgotten(filled: int, waited: int) -> None:
    now = [0.0]
    buckets = LeakyBuckets(REFUSALS_ALLOWED, FORGIVEN_AFTER, clock=lambda: now[0])
    for _ in range(filled):
        buckets.add(HERE)
    assert buckets.is_full(HERE, filled)
    now[0] += waited
    room = min(filled, int(waited / FORGIVEN_AFTER))
    for _ in range(room):
        assert not buckets.is_full(HERE, filled)
        buckets.add(HERE)
    assert buckets.is_full(HERE, filled)


def test_what_does_not_fit_is_not_added() -> None:
    now = [0.0]
    buckets = LeakyBuckets(2, 1.0, clock=lambda: now[0])
    assert [buckets.try_add(HERE) for _ in range(5)] == [True, True, False, False, False]
    assert buckets.try_add(ELSEWHERE)
    now[0] += 1.0
    assert [buckets.try_add(HERE) for _ in range(2)] == [True, False]


def test_what_is_taken_back_leaves_room() -> None:
    buckets = LeakyBuckets(1, 1.0, clock=lambda: 0.0)
    buckets.take_back(HERE)
    buckets.add(HERE)
    assert buckets.is_full(HERE)
    buckets.take_back(HERE)
    assert buckets.try_add(HERE)
