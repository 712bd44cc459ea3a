"""The users of the first portal by name, and records that many tests use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bitrix24.batch import Command
from sandbox.portal.portal import Portal
from tests.cast import NO_CRM_RIGHTS, REGULAR_USER, Cast, Person
from tests.web.cards.steps import (
    linked_deal,
    linked_to,
)
from tests.web.steps import Spoil


@pytest.fixture
def olga(installed: Cast) -> Person:
    """The administrator, who sees every customer."""
    return installed.administrator


@pytest.fixture
def raj(installed: Cast) -> Person:
    """A regular user, who may see only some customers."""
    return installed.regular_user


@pytest.fixture
def tomas(installed: Cast) -> Person:
    """A user to whom CRM is closed."""
    person = replace(installed.regular_user, user_id=NO_CRM_RIGHTS, session="")
    assert person.open().status_code == 200
    installed.portal.requests.clear()
    return person


@pytest.fixture
def portal(installed: Cast) -> Portal:
    return installed.portal


@pytest.fixture
def number(portal: Portal) -> int:
    """A record with one contact, whom Raj may see."""
    hidden = portal.user(REGULAR_USER).hidden_contacts
    return next(
        number
        for number in portal.records
        if [kind for kind, _ in portal.clients(number)] == ["CONTACT"]
        and portal.clients(number)[0][1] not in hidden
    )


@pytest.fixture
def deal(portal: Portal) -> int:
    """A deal with two contacts and a company, on no record."""
    deal = linked_deal(portal)
    (record,) = linked_to(portal, deal)
    portal.records[record].external = []
    bindings = portal.state.activities[record].bindings
    portal.state.activities[record].bindings = [row for row in bindings if row != (2, deal)]
    return deal


@pytest.fixture
def spoil(monkeypatch: pytest.MonkeyPatch) -> Spoil:
    """Change what a portal answers to a method, before the app reads it."""

    def change(method: str, to: Callable[[Any], Any]) -> None:
        read = Command.read

        def odd(self: Command, result: Any) -> Any:
            return read(self, to(result) if self.method == method else result)

        monkeypatch.setattr(Command, "read", odd)

    return change
