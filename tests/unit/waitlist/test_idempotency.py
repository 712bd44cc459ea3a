"""A repeated form waits for the one before it only where there is room."""

from __future__ import annotations

from typing import Any
from unittest.mock import create_autospec

import pytest

from bitrix24.errors import Unresponsive
from store.pending.deferred import Deferred
from store.pending.idempotency import AttemptClaim, AttemptStore
from waitlist.idempotency import Attempts


def no_room() -> None:
    raise Unresponsive("CROWDED", retry_after=5)


@pytest.fixture
def store() -> Any:
    return create_autospec(AttemptStore, instance=True)


@pytest.fixture
def attempts(store: Any) -> Attempts:
    """The attempts of a user whose portal has no more places."""
    return Attempts(store, Deferred(), "member", 1, no_room)


def test_a_form_that_would_wait_without_a_place_is_refused_at_once(
    store: Any, attempts: Attempts
) -> None:
    store.claim.return_value = None
    with pytest.raises(Unresponsive), attempts.begin("word", "fingerprint"):
        raise AssertionError("the attempt began")
    assert store.claim.call_count == 1


def test_a_form_that_need_not_wait_takes_no_place(store: Any, attempts: Attempts) -> None:
    store.claim.return_value = create_autospec(AttemptClaim, instance=True, made="12", again=True)
    with attempts.begin("word", "fingerprint") as attempt:
        assert attempt.made == "12"
