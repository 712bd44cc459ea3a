"""An authorization server that is not configured any more gets no secret or token."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from bitrix24.errors import PortalError, SessionEnded
from sandbox import Sandbox
from tests.cast import REGULAR_USER, Cast
from web.services import services_of


def move_tokens(app: Flask, cast: Cast, oauth_url: str) -> None:
    """Store the regular user's tokens as if `oauth_url` had issued them."""
    tokens = services_of(app).tokens
    token = tokens.find(cast.portal.member_id, REGULAR_USER)
    assert token is not None
    later = token.expires_at + 1
    tokens.save_newer(replace(token, oauth_url=oauth_url, expires_at=later))


def test_a_refresh_does_not_send_the_secret_there(
    app: Flask, installed: Cast, sandbox: Sandbox, trap: tuple[str, list[bytes]]
) -> None:
    url, heard = trap
    move_tokens(app, installed, url)
    sandbox.expire_access_tokens()
    assert installed.regular_user.post("/records/1").status_code == 401
    assert heard == []
    assert services_of(app).tokens.find(installed.portal.member_id, REGULAR_USER) is None


@pytest.mark.parametrize("suffix", ["/", "/elsewhere", ".evil.example"])
def test_an_address_must_be_configured_exactly(
    app: Flask, installed: Cast, sandbox: Sandbox, suffix: str
) -> None:
    move_tokens(app, installed, sandbox.oauth_url + suffix)
    sandbox.expire_access_tokens()
    sandbox.oauth_requests.clear()
    assert installed.regular_user.post("/records/1").status_code == 401
    assert sandbox.oauth_requests == []


def test_a_move_and_an_owner_are_not_asked_for_there(
    app: Flask, installed: Cast, trap: tuple[str, list[bytes]]
) -> None:
    url, heard = trap
    move_tokens(app, installed, url)
    services = services_of(app)
    portal = services.portals.find(installed.portal.member_id)
    assert portal is not None
    with pytest.raises(PortalError):
        services.handshake.relocate(portal, REGULAR_USER, "access-token")
    with pytest.raises(SessionEnded):
        services.authorization_server.find_owner(url, "access-token")
    assert heard == []
