"""What several tests of HTTP share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bitrix24.http.transport import Transport
from tests.unit.bitrix24.steps import Clock, Server, running


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def transport() -> Transport:
    return Transport(5, allow_private=True)


@pytest.fixture
def clock() -> Clock:
    return Clock()
