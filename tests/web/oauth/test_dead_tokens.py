"""Tokens that were just verified replace stored ones that do not work any more."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
import time_machine
from flask import Flask

from sandbox import Sandbox
from sandbox.portal.launch import Launch
from store.tokens import UserToken
from tests.cast import REGULAR_USER, Cast
from web.services import services_of


def stored(app: Flask, cast: Cast) -> UserToken | None:
    return services_of(app).tokens.find(cast.portal.member_id, REGULAR_USER)


def assert_kept(app: Flask, cast: Cast, launch: Launch) -> None:
    """Check that the token of this launch is the stored one."""
    now = stored(app, cast)
    assert now is not None
    assert now.access_token == launch.access_token


def store_until(app: Flask, cast: Cast, seconds: int) -> UserToken:
    """Let the stored tokens claim another expiry, later by these seconds or earlier."""
    tokens, token = services_of(app).tokens, stored(app, cast)
    assert token is not None
    tokens.delete(token.member_id, token.user_id)
    changed = replace(token, expires_at=token.expires_at + seconds)
    tokens.save_newer(changed)
    return changed


def kill(sandbox: Sandbox, *, forgotten: bool) -> None:
    """Make all tokens invalid: the servers call them expired or do not know them."""
    oauth = sandbox.state.oauth
    oauth.refresh.clear()
    if forgotten:
        oauth.access.clear()
    else:
        sandbox.expire_access_tokens()


@pytest.mark.parametrize("forgotten", [True, False])
@pytest.mark.parametrize("seconds", [1, 600, 86_400])
@pytest.mark.parametrize("path", ["/", "/session", "/card/contact"])
def test_a_good_launch_replaces_dead_tokens_that_claim_to_live_longer(
    app: Flask, installed: Cast, sandbox: Sandbox, seconds: int, path: str, forgotten: bool
) -> None:
    store_until(app, installed, seconds)
    kill(sandbox, forgotten=forgotten)
    user = installed.regular_user
    launch = user.launch()
    fields = {**launch.body, "DOMAIN": installed.portal.domain}
    answer = user.client.post(path, data=fields)
    assert (answer.status_code, bool(answer.text)) == (200, True)
    assert_kept(app, installed, launch)


def test_a_launch_within_the_second_replaces_dead_tokens(
    app: Flask, installed: Cast, sandbox: Sandbox
) -> None:
    user = installed.regular_user
    launch = user.launch()
    owner = services_of(app).authorization_server.find_owner(sandbox.oauth_url, launch.access_token)
    token = stored(app, installed)
    assert token is not None
    dead = store_until(app, installed, owner.expires_at - token.expires_at)
    del sandbox.state.oauth.access[dead.access_token]
    assert user.post_launch(launch).text
    assert_kept(app, installed, launch)


def test_working_tokens_that_claim_too_long_a_life_are_replaced(
    app: Flask, installed: Cast, sandbox: Sandbox
) -> None:
    store_until(app, installed, 600)
    sandbox.advance(5)
    user = installed.regular_user
    launch = user.launch()
    assert user.post_launch(launch).text
    assert_kept(app, installed, launch)


def test_tokens_of_a_server_that_was_removed_are_replaced(
    app: Flask, installed: Cast, sandbox: Sandbox
) -> None:
    token = store_until(app, installed, 600)
    services = services_of(app)
    services.tokens.delete(token.member_id, token.user_id)
    services.tokens.save_newer(replace(token, oauth_url="https://removed.example"))
    user = installed.regular_user
    launch = user.launch()
    assert user.post_launch(launch).status_code == 200
    now = stored(app, installed)
    assert now is not None
    assert now.oauth_url == sandbox.oauth_url


@pytest.mark.parametrize("ahead", [-7200, -600, 0, 600, 7200])
def test_lifetimes_are_compared_by_one_clock(
    app: Flask, installed: Cast, sandbox: Sandbox, ahead: int
) -> None:
    """The clock of the app's host is wrong. A reloaded frame brings no refreshed tokens back."""
    user = installed.regular_user
    clock = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=ahead)
    with time_machine.travel(clock):
        sandbox.advance(-ahead)
        services_of(app).tokens.delete(installed.portal.member_id, REGULAR_USER)
        old = user.launch()
        sandbox.advance(30)
        assert user.open().status_code == 200
        opened = stored(app, installed)
        assert opened is not None
        assert abs(opened.expires_at - clock.timestamp() - 3600) < 60
        sandbox.state.oauth.access[opened.access_token].expires = 0
        assert user.post("/records/1").status_code == 200
        refreshed = stored(app, installed)
        assert refreshed is not None
        assert refreshed.access_token != opened.access_token
        assert user.post_launch(old).text
        assert stored(app, installed) == refreshed


@pytest.mark.parametrize("path", ["/records/1", "/records/2"])
def test_a_token_that_the_portal_does_not_know_is_retired(
    app: Flask, installed: Cast, path: str
) -> None:
    installed.portal.faults.add("refused", count=1)
    user = installed.regular_user
    assert user.post(path).status_code == 401
    assert stored(app, installed) is None
    assert user.open().status_code == 200
    assert user.post(path).status_code == 200


def test_an_error_of_the_portal_that_says_nothing_of_the_token_retires_nothing(
    app: Flask, installed: Cast
) -> None:
    before = stored(app, installed)
    installed.portal.faults.add("user_access_error", count=1)
    installed.regular_user.post("/records/1")
    assert stored(app, installed) == before
