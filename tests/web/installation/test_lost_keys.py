"""Launches replace what keys do not open; an installation ends with its data."""

from __future__ import annotations

import base64
import logging
import os
from dataclasses import replace

import pytest
from flask import Flask

from sandbox import Sandbox
from sandbox.portal import lifecycle
from settings import Settings
from store.portals import Status
from tests.cast import ADMINISTRATOR, REGULAR_USER, Cast, Person
from tests.quick_app import quick_app
from tests.web.steps import forged_uninstall, portal_event, post_event
from web.services import services_of


def random_key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def with_key(config: Settings, *keys: str) -> Flask:
    return quick_app(replace(config, token_keys=keys or (random_key(),)))


def person(app: Flask, cast: Cast, user_id: int) -> Person:
    return Person(app.test_client(), cast.portal, user_id)


def test_an_app_with_other_keys_starts_in_silence_and_says_so_when_asked(
    installed: Cast, config: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        app = with_key(config)
    assert caplog.messages == []
    ready, check = app.test_client().get("/readyz"), app.test_cli_runner().invoke(args=["check"])
    assert ready.status_code == 200
    assert ready.text.startswith("ok\nTOKEN_KEYS ")
    assert check.exit_code == 1
    assert "\nkeys: TOKEN_KEYS does not open 1 " in check.output
    person(app, installed, ADMINISTRATOR).open()
    assert app.test_client().get("/readyz").text == "ok\n"
    assert "TOKEN_KEYS" not in app.test_cli_runner().invoke(args=["check"]).output


@pytest.mark.parametrize("path", ["/", "/install", "/card/contact", "/session"])
@pytest.mark.parametrize("user_id", [ADMINISTRATOR, REGULAR_USER])
def test_a_launch_replaces_what_the_keys_do_not_open(
    installed: Cast, config: Settings, path: str, user_id: int
) -> None:
    app = with_key(config)
    user = person(app, installed, user_id)
    launch = user.launch()
    fields = {**launch.body, "DOMAIN": installed.portal.domain}
    assert user.client.post(path, data=fields).status_code == 200
    tokens = services_of(app).tokens.find(installed.portal.member_id, user_id)
    assert tokens is not None
    user.open()
    assert user.post("/records/1").status_code in {200, 410}


def test_everything_works_again_after_an_administrators_visit(
    installed: Cast, config: Settings
) -> None:
    app = with_key(config)
    assert "Everything is set up" in person(app, installed, ADMINISTRATOR).open().text
    found = services_of(app).portals.find(installed.portal.member_id)
    assert found is not None
    assert (found.status, found.application_token) == (
        Status.INSTALLED,
        installed.portal.application_token,
    )


def test_a_page_and_its_session_do_not_fail_with_other_keys(
    installed: Cast, config: Settings
) -> None:
    user = installed.regular_user
    other = Person(with_key(config).test_client(), installed.portal, REGULAR_USER, user.session)
    assert other.post("/records/1").status_code == 401
    assert other.submit("/").status_code == 401
    event = portal_event(installed, "ONBOOKINGWAITLISTITEMUPDATE", **{"data[ID]": "1"})
    assert other.client.post("/events", data=event).status_code == 403
    start = other.client.get(f"/oauth/start?domain={installed.portal.domain}")
    assert start.status_code == 404


def test_tokens_that_the_keys_do_not_open_prove_no_uninstall(
    installed: Cast, config: Settings
) -> None:
    new = random_key()
    app = with_key(config, new, *config.token_keys)
    services = services_of(app)
    portal = services.portals.find(installed.portal.member_id)
    assert portal is not None
    # A rotation that was interrupted: the portal has the new key, its tokens still the lost one.
    assert services.portals.save_application_token(portal, portal.application_token)
    only_new = services_of(with_key(config, new))
    row = only_new.portals.open(portal.member_id, portal.client_endpoint)
    assert only_new.portals.begin_install(row, ADMINISTRATOR, portal.application_token)
    forged = forged_uninstall(installed.regular_user)
    answer = with_key(config, new).test_client().post("/events", data=forged)
    assert (answer.status_code, answer.text.strip()) == (200, "received, but not proven yet")
    assert only_new.portals.find(portal.member_id) is not None


def test_sessions_and_names_end_with_the_installation(installed: Cast, sandbox: Sandbox) -> None:
    user, portal = installed.regular_user, installed.portal
    user.open()
    old = user.session
    hidden = portal.user(REGULAR_USER).hidden_contacts
    clients = [client for number in portal.records for client in portal.clients(number)]
    seen = next(id for kind, id in clients if kind == "CONTACT" and id not in hidden)
    name = str(portal.state.contacts[seen].fields["lastName"])
    assert "CONTACT:" in user.post("/customers/seen", {"q": name}).text
    lifecycle.uninstall(installed.portal)
    assert post_event(installed, portal_event(installed, "ONAPPUNINSTALL")) == 200
    sandbox.events.wait_idle()
    lifecycle.reinstall(installed.portal)
    assert "Everything is set up" in installed.administrator.open().text
    user.session = old
    for path in ("/customers/seen", "/records/1"):
        answer = user.post(path, {"q": name})
        assert (answer.status_code, "CONTACT:" in answer.text) == (401, False)
    fresh = user.post("/session", {**user.launch().body, "DOMAIN": installed.portal.domain})
    assert fresh.status_code == 200
    user.session = fresh.get_json()["session"]
    # No request has shown this user a name since.
    assert "CONTACT:" not in user.post("/customers/seen", {"q": name}).text


def test_an_installer_that_is_overtaken_by_an_uninstall_does_not_install(
    app: Flask, installed: Cast
) -> None:
    services = services_of(app)
    portal = services.portals.find(installed.portal.member_id)
    assert portal is not None
    client = services.client(portal, ADMINISTRATOR)
    run = services.installer.run(portal, ADMINISTRATOR, "", client)
    next(run)
    services.portals.uninstall(portal.member_id)
    with pytest.raises(Exception, match="AppNotInstalled"):
        list(run)
    after = services.portals.find(portal.member_id)
    assert after is not None
    assert after.status is Status.UNINSTALLED
