"""Forged requests cost few calls to the authorization server, counted first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox import Sandbox
from tests.cast import Cast
from tests.web.steps import portal_event, post_event
from web.services import services_of

ATTEMPTS = 80
FEW = 45
"""The allowance, and what is forgiven while the test runs."""


def forge_callback(client: FlaskClient, cast: Cast, address: str = "203.0.113.7") -> int:
    """Bring a made-up code back with a real state."""
    start = client.get(f"/oauth/start?domain={cast.portal.domain}")
    state = parse_qs(urlsplit(start.headers["Location"]).query)["state"][0]
    back = client.get(
        f"/oauth/callback?code=made-up&state={state}", environ_base={"REMOTE_ADDR": address}
    )
    return back.status_code


def calls(sandbox: Sandbox) -> int:
    """Count the calls to the first server. Each of the configured servers gets as many."""
    return sum(request.server == 1 for request in sandbox.oauth_requests)


@pytest.mark.parametrize("addresses", [1, ATTEMPTS])
def test_forged_callbacks_are_counted_by_address_and_portal(
    app: Flask, installed: Cast, sandbox: Sandbox, addresses: int
) -> None:
    sandbox.oauth_requests.clear()
    client = app.test_client()
    statuses = [
        forge_callback(client, installed, f"198.51.100.{attempt % addresses}")
        for attempt in range(ATTEMPTS)
    ]
    assert statuses[0] != 429
    assert statuses[-1] == 429
    assert calls(sandbox) < FEW


def test_an_address_is_throttled_for_all_portals(
    app: Flask, installed: Cast, installed_elsewhere: Cast, sandbox: Sandbox
) -> None:
    client = app.test_client()
    for _ in range(FEW):
        forge_callback(client, installed)
    sandbox.oauth_requests.clear()
    assert forge_callback(client, installed_elsewhere) == 429
    assert calls(sandbox) == 0
    assert forge_callback(client, installed_elsewhere, "203.0.113.8") != 429


def test_forged_callbacks_at_the_same_time_are_counted_before_they_call(
    app: Flask, installed: Cast, sandbox: Sandbox
) -> None:
    sandbox.oauth_faults.add("delay", "oauth/token", seconds=0.3)
    sandbox.oauth_requests.clear()
    with ThreadPoolExecutor(ATTEMPTS) as threads:
        list(threads.map(lambda _: forge_callback(app.test_client(), installed), range(ATTEMPTS)))
    assert calls(sandbox) < FEW


@pytest.mark.parametrize("clean", ["0", "1"])
def test_uninstalls_by_an_insider_are_counted_by_portal(
    app: Flask, installed: Cast, sandbox: Sandbox, clean: str
) -> None:
    sandbox.oauth_requests.clear()
    fields = portal_event(installed, "ONAPPUNINSTALL", **{"data[CLEAN]": clean})
    assert {post_event(installed, fields) for _ in range(ATTEMPTS)} == {403, 200}
    assert calls(sandbox) < FEW
    services, member_id = services_of(app), installed.portal.member_id
    waiting = services.uninstalls.find(member_id)
    assert waiting is not None
    assert not waiting.proven
    assert services.portals.installed()


def test_guesses_of_an_application_token_use_up_no_allowance(
    installed: Cast, sandbox: Sandbox
) -> None:
    forged = portal_event(installed, "ONAPPUNINSTALL", **{"auth[application_token]": "guess"})
    sandbox.oauth_requests.clear()
    for _ in range(ATTEMPTS):
        post_event(installed, forged)
    assert calls(sandbox) == 0
    assert post_event(installed, portal_event(installed, "ONAPPUNINSTALL")) == 403
    assert calls(sandbox) == 1


@pytest.mark.parametrize("field", ["DOMAIN", "member_id"])
def test_a_good_token_with_false_claims_costs_one_call(
    installed: Cast, sandbox: Sandbox, field: str
) -> None:
    user = installed.regular_user
    launch = user.launch()
    fields = {**launch.body, "DOMAIN": installed.portal.domain}
    sandbox.oauth_requests.clear()
    for attempt in range(20):
        claim = f"{attempt:032}" if field == "member_id" else f"portal{attempt}.example"
        answer = user.client.post("/", data={**fields, field: claim})
        assert answer.status_code == 403
    assert calls(sandbox) == 1
    assert user.client.post("/", data=fields).status_code == 200
