"""Launches that are held up while they are verified."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest

from oauth.handshake import Handshake
from oauth.launch import Launch, PostedLaunch
from web.http import skeleton


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """Launches are verified only when this is set. Nothing is waited for before the skeleton."""
    event, accept = Event(), Handshake.accept

    def accept_late(handshake: Handshake, posted: PostedLaunch) -> Launch:
        assert event.wait(60)
        return accept(handshake, posted)

    monkeypatch.setattr(Handshake, "accept", accept_late)
    monkeypatch.setattr(skeleton, "PATIENCE", 0.0)
    yield event
    event.set()
