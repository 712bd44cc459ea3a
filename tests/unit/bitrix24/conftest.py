"""What several tests of HTTP share."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.unit.bitrix24.steps import Server


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()
