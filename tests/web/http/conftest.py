"""The budget of processor time that each request has."""

from __future__ import annotations

import pytest

from tests.web.http.steps import budget_here


@pytest.fixture(scope="session")
def budget() -> float:
    """Seconds."""
    return budget_here()
