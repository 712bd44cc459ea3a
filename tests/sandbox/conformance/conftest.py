"""A sandbox with https for the conformance suite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(port=0, installed=True, event_delay=0, tls=True) as running:
        yield running
