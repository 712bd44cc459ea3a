"""A sandbox per test, its first portal, and a function that calls REST methods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox import Sandbox
from sandbox.portal.portal import Portal
from tests.sandbox.steps import Answer, Caller


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(port=0, portals=2, installed=True, event_delay=0) as running:
        yield running


@pytest.fixture
def portal(sandbox: Sandbox) -> Portal:
    return sandbox.portals[0]


@pytest.fixture
def call(portal: Portal) -> Caller:
    """`call("profile", user=2, x=1)` returns the HTTP status and the body."""
    tokens: dict[int, str] = {}

    def calling(method: str, user: int = 2, **params: Any) -> Answer:
        if user not in tokens:
            tokens[user] = portal.launch(user).access_token
        answer = requests.post(
            portal.client_endpoint + method, json={**params, "auth": tokens[user]}, timeout=30
        )
        return answer.status_code, answer.json()

    return calling
