"""Sandboxes that start quickly: their portals are invented once a minute, and copied."""

from __future__ import annotations

import importlib.metadata
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pytest

from sandbox import seed
from sandbox.core.model import PortalState
from sandbox.seed import Sizes

FRESH_SECONDS = 60
"""The ages of records, the days of bookings and the like count from the start of the sandbox."""


@dataclass(frozen=True)
class Seed:
    """The data of a fresh portal, and the time at which it was one."""

    data: bytes
    made: float


SEEDS: dict[tuple[int, Sizes], Seed] = {}


def copied_portal(number: int, sizes: Sizes, now: float) -> PortalState:
    """Return the data of a portal that was fresh within the last minute."""
    kept = SEEDS.get((number, sizes))
    if kept is None or not 0 <= now - kept.made < FRESH_SECONDS:
        kept = Seed(pickle.dumps(seed.portals.build_portal(number, sizes, now)), now)
        SEEDS[number, sizes] = kept
    state: PortalState = pickle.loads(kept.data)  # noqa: S301 - our own
    return state


@pytest.fixture(scope="session", autouse=True)
def quick_sandboxes() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seed, "build_portal", copied_portal)
        # Each server reads Werkzeug's version from a file, which takes longer than all its start.
        patch.setattr(importlib.metadata, "version", cache(importlib.metadata.version))
        yield
