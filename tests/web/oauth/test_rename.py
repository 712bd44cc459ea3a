"""The app follows a renamed portal only to the address that the server names."""

from __future__ import annotations

from flask import Flask

from sandbox import Sandbox
from store.portals import PortalStore
from tests.cast import Cast
from web.services import services_of


def portals_of(app: Flask) -> PortalStore:
    return services_of(app).portals


def test_a_redirect_that_the_authorization_server_does_not_confirm_is_ignored(
    app: Flask, installed: Cast, installed_elsewhere: Cast
) -> None:
    installed_elsewhere.portal.requests.clear()
    installed.portal.faults.add("redirect", "*", host=installed_elsewhere.portal.domain)
    response = installed.regular_user.post("/records/1")
    assert response.status_code == 502
    assert installed_elsewhere.portal.requests == []
    known = portals_of(app).find(installed.portal.member_id)
    assert known is not None
    assert known.client_endpoint == installed.portal.client_endpoint


def test_a_confirmed_move_is_followed_and_stored(
    app: Flask, installed: Cast, elsewhere: Cast
) -> None:
    # The address of before the rename redirects today; the second portal plays it.
    store, member_id = portals_of(app), installed.portal.member_id
    elsewhere.portal.faults.add("redirect", "*", host=installed.portal.domain)
    portal = store.find(member_id)
    assert portal is not None
    store.open(member_id, elsewhere.portal.client_endpoint)
    response = installed.regular_user.post("/records/1")
    assert response.status_code == 200
    known = store.find(member_id)
    assert known is not None
    assert known.client_endpoint == installed.portal.client_endpoint


def test_a_move_costs_one_request(installed: Cast, sandbox: Sandbox) -> None:
    sandbox.oauth_requests.clear()
    installed.portal.faults.add("redirect", "*", host="elsewhere.example", count=1)
    installed.regular_user.post("/records/1")
    assert [request.path for request in sandbox.oauth_requests] == ["/rest/app.info"]
