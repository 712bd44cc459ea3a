"""The cache keeps customers per user, for some minutes, up to a size."""

from __future__ import annotations

import pytest

from waitlist.customers import cache as cache_module
from waitlist.customers.cache import CACHE_SECONDS, CustomerCache
from waitlist.models import Customer, CustomerRef, Kind

HERE = "member"


def people(*numbers: int) -> list[Customer]:
    return [Customer(CustomerRef(Kind.CONTACT, number), f"Name {number}") for number in numbers]


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock; its only item may be moved."""
    clock = [1000.0]
    monkeypatch.setattr("waitlist.customers.cache.time.monotonic", lambda: clock[0])
    return clock


def test_each_user_has_customers_of_their_own(now: list[float]) -> None:
    cache = CustomerCache()
    cache.put(HERE, 1, people(1, 2))
    cache.put(HERE, 2, people(3))
    cache.put("elsewhere", 1, people(4))
    assert cache.all_of(HERE, 1) == people(1, 2)
    assert cache.get(HERE, 2, people(1)[0].ref) is None
    assert cache.get(HERE, 2, people(3)[0].ref) == people(3)[0]
    now[0] += CACHE_SECONDS
    assert cache.all_of(HERE, 1) == []
    assert cache.get(HERE, 2, people(3)[0].ref) is None


def test_the_user_who_has_been_away_longest_is_forgotten_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cache_module, "CACHE_SIZE", 4)
    cache = CustomerCache()
    cache.put(HERE, 1, people(1, 2))
    cache.put(HERE, 2, people(1, 2))
    cache.put(HERE, 1, people(1))
    assert len(cache.all_of(HERE, 2)) == 2
    cache.put(HERE, 3, people(1))
    assert cache.all_of(HERE, 2) == []
    assert len(cache.all_of(HERE, 1)) == 2
    cache.put(HERE, 3, people(1, 2))
    assert len(cache.all_of(HERE, 1)) == 2


def test_customers_with_long_texts_take_the_place_of_several(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cache_module, "CACHE_SIZE", 10)
    cache = CustomerCache()
    cache.put(HERE, 1, people(1, 2))
    long = Customer(CustomerRef(Kind.CONTACT, 3), "n" * 255, ("1" * 255,) * 3, ("e" * 255,) * 4)
    cache.put(HERE, 2, [long])
    assert cache.all_of(HERE, 2) == [long]
    assert len(cache.all_of(HERE, 1)) == 0
    cache.put(HERE, 3, people(1))
    assert cache.all_of(HERE, 2) == [long]
