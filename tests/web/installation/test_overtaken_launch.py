"""A launch that was verified just before an uninstall leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from sandbox.portal import lifecycle
from store.portals import Status
from tests.cast import ADMINISTRATOR, REGULAR_USER, Cast
from tests.web.steps import portal_event, post_event
from web.services import services_of


def then_once(action: Callable[..., Any], then: Callable[[], None]) -> Callable[..., Any]:
    """Do something else right after the first time."""
    left = [then]

    def wrapped(*arguments: object, **options: object) -> object:
        result = action(*arguments, **options)
        while left:
            left.pop()()
        return result

    return wrapped


STEPS = {
    "verified": ("authorization_server", "find_owner"),
    "opened": ("portals", "open"),
    "looked up": ("tokens", "find"),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("user_id", [ADMINISTRATOR, REGULAR_USER])
def test_an_uninstall_overtakes_a_launch(
    app: Flask, installed: Cast, monkeypatch: pytest.MonkeyPatch, step: str, user_id: int
) -> None:
    services, member_id = services_of(app), installed.portal.member_id
    user = installed.administrator if user_id == ADMINISTRATOR else installed.regular_user
    launch, event = user.launch(), portal_event(installed, "ONAPPUNINSTALL")

    def uninstall() -> None:
        lifecycle.uninstall(installed.portal)
        # Another thread, because a request is at work in this one.
        with ThreadPoolExecutor(1) as others:
            assert others.submit(post_event, installed, event).result() == 200

    part, name = STEPS[step]
    owner = getattr(services, part)
    monkeypatch.setattr(owner, name, then_once(getattr(owner, name), uninstall))
    page = user.post_launch(launch)
    assert page.status_code in {401, 403}
    assert 'name="session"' not in page.text
    portal = services.portals.find(member_id)
    assert portal is not None
    assert portal.status is Status.UNINSTALLED
    assert services.tokens.user_ids(member_id, 9) == []


@pytest.mark.parametrize("step", STEPS)
def test_a_launch_that_still_holds_is_verified_again(
    app: Flask, installed: Cast, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The app was installed again before its launch, and the uninstall comes late."""
    services, member_id = services_of(app), installed.portal.member_id

    def uninstall() -> None:
        services.portals.uninstall(member_id)

    part, name = STEPS[step]
    owner = getattr(services, part)
    monkeypatch.setattr(owner, name, then_once(getattr(owner, name), uninstall))
    assert "Everything is set up" in installed.administrator.open().text
    assert services.tokens.user_ids(member_id, 9) == [ADMINISTRATOR]
