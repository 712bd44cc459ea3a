"""Records for the tests of the tabs."""

from __future__ import annotations

import pytest

from sandbox.portal.portal import Portal


@pytest.fixture
def record(portal: Portal) -> int:
    """A record with two customers, linked to nothing."""
    return next(
        number
        for number, item in portal.records.items()
        if len(item.clients) == 2 and not item.external
    )
