"""Installing, updating and uninstalling the app, with events in any order."""

from __future__ import annotations

import json
import time

import pytest
import time_machine
from flask import Flask

from installation.lifecycle import GRACE_PERIOD
from sandbox import Sandbox
from sandbox.portal import lifecycle
from settings import Settings
from store.portals import Portal, Status
from store.tokens import UserToken
from tests.cast import ADMINISTRATOR, REGULAR_USER, Cast
from tests.web.steps import (
    CHANGED,
    forged_uninstall,
    portal_event,
    post_event,
    records_with_events,
)
from web.services import services_of


def stored(app: Flask, cast: Cast) -> Portal:
    found = services_of(app).portals.find(cast.portal.member_id)
    assert found is not None
    return found


def test_the_installer_binds_what_the_manifest_names(app: Flask, installed: Cast) -> None:
    placements = {(p.placement, p.handler) for p in installed.portal.state.placements}
    assert placements == {
        ("CRM_CONTACT_DETAIL_TAB", "http://127.0.0.1:5999/card/contact"),
        ("CRM_COMPANY_DETAIL_TAB", "http://127.0.0.1:5999/card/company"),
        ("CRM_DEAL_DETAIL_TAB", "http://127.0.0.1:5999/card/deal"),
        ("REST_APP_URI", "http://127.0.0.1:5999/"),
    }
    assert {handler.event for handler in installed.portal.state.event_handlers} == {
        "ONAPPINSTALL",
        "ONAPPUPDATE",
        "ONAPPUNINSTALL",
        "ONBOOKINGADD",
        "ONBOOKINGUPDATE",
        "ONBOOKINGDELETE",
        "ONBOOKINGWAITLISTITEMADD",
        "ONBOOKINGWAITLISTITEMUPDATE",
        "ONBOOKINGWAITLISTITEMDELETE",
    }
    assert stored(app, installed).status is Status.INSTALLED
    assert stored(app, installed).application_token == installed.portal.application_token


def test_installing_again_binds_nothing_twice(installed: Cast) -> None:
    placements = len(installed.portal.state.placements)
    handlers = len(installed.portal.state.event_handlers)
    installed.portal.installed = False
    assert "Everything is set up" in installed.administrator.open().text
    assert len(installed.portal.state.placements) == placements
    assert len(installed.portal.state.event_handlers) == handlers


def test_missing_handlers_are_bound_and_surplus_ones_unbound(installed: Cast) -> None:
    state = installed.portal.state
    del state.placements[0]
    del state.event_handlers[0]
    state.placements[0].handler = "http://127.0.0.1:5999/an/old/address"
    installed.portal.installed = False
    installed.administrator.open()
    assert {placement.handler for placement in state.placements} == {
        "http://127.0.0.1:5999/card/contact",
        "http://127.0.0.1:5999/card/company",
        "http://127.0.0.1:5999/card/deal",
        "http://127.0.0.1:5999/",
    }
    assert len(state.event_handlers) == 9


def test_a_step_that_fails_is_shown_and_can_be_tried_again(here: Cast) -> None:
    here.portal.faults.add("error", "placement.bind", code="ERROR_CORE", description="x", count=1)
    page = here.administrator.open()
    assert "failed" in page.text
    assert "Try again" in page.text
    assert "data-finish" not in page.text
    again = here.administrator.submit("/install")
    assert "Everything is set up" in again.text


def test_a_regular_user_cannot_install(app: Flask, here: Cast) -> None:
    response = here.regular_user.post_launch(here.regular_user.launch(handler="http://x/install"))
    assert "Only an administrator" in response.text or "not set up yet" in response.text
    assert here.portal.state.placements == []
    assert stored(app, here).status is Status.OPENED


def test_an_administrators_visit_repairs_a_lost_database(app: Flask, here: Cast) -> None:
    here.portal.installed = True
    here.administrator.open()
    assert stored(app, here).status is Status.INSTALLED


@pytest.mark.parametrize(
    "name",
    ["ONAPPINSTALL", "ONAPPUPDATE", "ONBOOKINGWAITLISTITEMUPDATE", "onbookingwaitlistitemadd"],
)
def test_an_event_with_the_right_token_is_accepted_repeatedly(installed: Cast, name: str) -> None:
    fields = portal_event(installed, name)
    assert [post_event(installed, fields) for _ in range(3)] == [200, 200, 200]


@pytest.mark.parametrize(
    "change",
    [
        {"auth[application_token]": "another"},
        {"auth[member_id]": "0" * 32},
    ],
)
@pytest.mark.parametrize("name", ["ONAPPUNINSTALL", "ONAPPINSTALL", "ONBOOKINGWAITLISTITEMADD"])
def test_a_forged_event_is_refused(
    app: Flask, installed: Cast, name: str, change: dict[str, str]
) -> None:
    assert post_event(installed, portal_event(installed, name, **change)) == 403
    assert stored(app, installed).status is Status.INSTALLED


@pytest.mark.parametrize(
    "change",
    [
        {"event": ""},
        {"event": "ON APP"},
        {"auth[member_id]": ""},
        {"auth[member_id]": "\0"},
        {"auth[member_id]": "0" * 65},
        {"auth[application_token]": ""},
    ],
)
def test_a_malformed_event_is_refused(installed: Cast, change: dict[str, str]) -> None:
    assert post_event(installed, portal_event(installed, "ONAPPUNINSTALL", **change)) == 400


@pytest.mark.parametrize("name", ["auth[scope]", "data[LANGUAGE_ID]", "a_new_field"])
def test_an_event_may_have_long_fields(app: Flask, installed: Cast, name: str) -> None:
    scopes = ",".join(f"scope{number}" for number in range(100))
    event = portal_event(installed, CHANGED, **{"data[ID]": "3", name: scopes})
    assert post_event(installed, event) == 200
    assert 3 in records_with_events(app, installed)


def test_forged_events_do_not_throttle_a_portal_with_the_same_address(
    app: Flask, installed: Cast, installed_elsewhere: Cast
) -> None:
    for changes in (
        {"auth[member_id]": "nobody"},
        {"auth[member_id]": ""},
        {"auth[application_token]": "another"},
    ):
        for name in ("ONAPPUPDATE", "ONBOOKINGWAITLISTITEMUPDATE"):
            forged = portal_event(installed_elsewhere, name, **changes)
            assert {post_event(installed, forged) for _ in range(40)} <= {403, 400}
    for cast in (installed, installed_elsewhere):
        assert cast.regular_user.open().status_code == 200
        lifecycle.uninstall(cast.portal)
        assert post_event(cast, portal_event(cast, "ONAPPUNINSTALL")) == 200
        assert stored(app, cast).status is Status.UNINSTALLED


def teach(cast: Cast, token: str) -> int:
    launch = cast.portal.launch(user_id=ADMINISTRATOR)
    fields = {
        "auth[application_token]": token,
        "auth[access_token]": launch.access_token,
        "auth[refresh_token]": launch.refresh_token,
    }
    return post_event(cast, portal_event(cast, "ONAPPUPDATE", **fields))


def test_forged_events_only_stop_their_own_portal_from_learning_a_token(
    installed: Cast, installed_elsewhere: Cast, sandbox: Sandbox
) -> None:
    sandbox.oauth_requests.clear()
    for attempt in range(40):
        fields = {
            "auth[application_token]": "forged",
            "auth[access_token]": f"guess-{attempt:04}",
            "auth[refresh_token]": "whatever-it-is",
        }
        assert post_event(installed, portal_event(installed, "ONAPPUPDATE", **fields)) == 403
    assert sum(request.server == 1 for request in sandbox.oauth_requests) < 35
    assert teach(installed, "held-back") == 403
    assert teach(installed_elsewhere, "of-another-portal") == 200


def test_a_caller_that_invents_portals_is_throttled_too(installed: Cast, sandbox: Sandbox) -> None:
    user, launch = installed.regular_user, installed.regular_user.launch()
    sandbox.oauth_requests.clear()
    statuses = [
        user.post_launch(launch, member_id=f"{made_up:032x}").status_code for made_up in range(40)
    ]
    assert (statuses[0], statuses[-1]) == (403, 429)
    assert sum(request.server == 1 for request in sandbox.oauth_requests) < 35
    assert user.post_launch(launch).status_code == 200


def test_refusals_beyond_the_limit_do_not_fill_the_log(installed: Cast, config: Settings) -> None:
    for _ in range(60):
        post_event(
            installed,
            portal_event(installed, "ONBOOKINGWAITLISTITEMADD", **{"auth[member_id]": "x"}),
        )
    (path,) = config.log_dir.glob("security-*.jsonl")
    assert 30 <= len(path.read_text().splitlines()) < 50


def test_no_event_is_accepted_before_a_token_is_known(here: Cast) -> None:
    here.regular_user.open()
    assert (
        post_event(here, portal_event(here, "ONAPPUNINSTALL", **{"auth[application_token]": ""}))
        == 400
    )
    assert post_event(here, portal_event(here, "ONAPPUNINSTALL")) == 403


def test_a_regular_user_cannot_teach_an_application_token(app: Flask, installed: Cast) -> None:
    known = stored(app, installed).application_token
    user = installed.regular_user
    user.post_launch(user.launch(), APPLICATION_TOKEN="chosen-by-an-attacker")
    assert stored(app, installed).application_token == known
    launch = user.launch()
    fields = portal_event(
        installed,
        "ONAPPUPDATE",
        **{
            "auth[application_token]": "chosen-by-an-attacker",
            "auth[access_token]": launch.access_token,
            "auth[refresh_token]": launch.refresh_token,
        },
    )
    assert post_event(installed, fields) == 403
    assert stored(app, installed).application_token == known


def test_an_update_by_an_administrator_teaches_the_new_token(app: Flask, installed: Cast) -> None:
    launch = installed.portal.launch(user_id=ADMINISTRATOR)
    fields = portal_event(
        installed,
        "ONAPPUPDATE",
        **{
            "auth[application_token]": "fresh-with-the-update",
            "auth[access_token]": launch.access_token,
            "auth[refresh_token]": launch.refresh_token,
        },
    )
    assert post_event(installed, fields) == 200
    assert stored(app, installed).application_token == "fresh-with-the-update"


def test_an_administrators_visit_teaches_a_token_without_an_event(
    app: Flask, installed: Cast
) -> None:
    administrator = installed.administrator
    administrator.post_launch(administrator.launch(), APPLICATION_TOKEN="changed-in-silence")
    assert stored(app, installed).application_token == "changed-in-silence"


def uninstall_after_a_change(app: Flask, cast: Cast, clean: str) -> dict[str, str]:
    """Uninstall a portal with a change in its history. Return the event that it has sent."""
    member_id = cast.portal.member_id
    services_of(app).changes.add(member_id, 1, REGULAR_USER, (), ("CONTACT:1",))
    fields = portal_event(cast, "ONAPPUNINSTALL", **{"data[CLEAN]": clean})
    lifecycle.uninstall(cast.portal, clean=clean == "1")
    assert post_event(cast, fields) == 200
    return fields


@pytest.mark.parametrize(("clean", "changes_left"), [("0", 1), ("1", 0)])
def test_uninstalling_deletes_every_token_and_with_clean_the_history(
    app: Flask, installed: Cast, clean: str, changes_left: int
) -> None:
    services, member_id = services_of(app), installed.portal.member_id
    fields = uninstall_after_a_change(app, installed, clean)
    assert post_event(installed, fields) == 200
    assert stored(app, installed).status is Status.UNINSTALLED
    assert services.tokens.find(member_id, ADMINISTRATOR) is None
    assert services.tokens.find(member_id, REGULAR_USER) is None
    assert len(services.changes.newest(member_id, 1)) == 1
    with time_machine.travel(time.time() + GRACE_PERIOD + 1):
        services.lifecycle.finish_uninstalls(may_ask=False)
    assert len(services.changes.newest(member_id, 1)) == changes_left
    assert installed.regular_user.post("/records/1").status_code == 401


@pytest.mark.parametrize("minutes", [0, 300])
def test_a_regular_user_cannot_uninstall_the_app(
    app: Flask, installed: Cast, sandbox: Sandbox, minutes: int
) -> None:
    services, member_id = services_of(app), installed.portal.member_id
    services.changes.add(member_id, 1, REGULAR_USER, (), ("CONTACT:1",))
    # The forger's own refresh token may be none.
    installed.regular_user.post_launch(installed.regular_user.launch(), REFRESH_ID="0" * 32)
    forged = forged_uninstall(installed.regular_user)
    sandbox.advance(minutes * 60)
    with time_machine.travel(time.time() + minutes * 60):
        assert post_event(installed, forged) == 403
    assert stored(app, installed).status is Status.INSTALLED
    assert len(services.changes.newest(member_id, 1)) == 1


@pytest.mark.parametrize("fault", ["drop_before", "server_error", "html"])
def test_an_uninstall_waits_for_a_proof_when_the_server_does_not_answer(
    app: Flask, installed: Cast, sandbox: Sandbox, fault: str
) -> None:
    sandbox.oauth_faults.add(fault, "app.info")
    assert post_event(installed, portal_event(installed, "ONAPPUNINSTALL")) == 200
    assert stored(app, installed).status is Status.INSTALLED
    services = services_of(app)
    assert services.tokens.find(installed.portal.member_id, REGULAR_USER) is not None
    sandbox.oauth_faults.clear()
    lifecycle.uninstall(installed.portal)
    with time_machine.travel(time.time() + GRACE_PERIOD + 1):
        services.lifecycle.finish_uninstalls(may_ask=True)
    assert stored(app, installed).status is Status.UNINSTALLED
    assert services.tokens.find(installed.portal.member_id, REGULAR_USER) is None


def dismissed_users(app: Flask, cast: Cast, user_ids: range, expires_at: int) -> None:
    """Store tokens that the authorization server refuses."""
    for user_id in user_ids:
        services_of(app).tokens.save_newer(
            UserToken(
                member_id=cast.portal.member_id,
                user_id=user_id,
                access_token=f"dead-access-{user_id}",
                refresh_token=f"dead-refresh-{user_id}",
                expires_at=expires_at,
                oauth_url=services_of(app).settings.oauth_urls[0],
            )
        )


@pytest.mark.parametrize("dismissed", [5, 12, 80])
@pytest.mark.parametrize("expired", [True, False])
def test_dismissed_users_are_no_proof_of_an_uninstall(
    app: Flask, installed: Cast, dismissed: int, expired: bool
) -> None:
    services, member_id = services_of(app), installed.portal.member_id
    services.changes.add(member_id, 1, REGULAR_USER, (), ("CONTACT:1",))
    moment = int(time.time()) + (-3600 if expired else 7200)
    dismissed_users(app, installed, range(100, 100 + dismissed), moment)
    assert post_event(installed, forged_uninstall(installed.regular_user)) == 403
    assert stored(app, installed).status is Status.INSTALLED
    assert len(services.changes.newest(member_id, 1)) == 1


@pytest.mark.parametrize("dismissed", [50, 80])
def test_more_dead_tokens_than_are_tried_are_no_proof(
    app: Flask, installed: Cast, dismissed: int
) -> None:
    services, member_id = services_of(app), installed.portal.member_id
    services.tokens.delete(member_id, ADMINISTRATOR)
    dismissed_users(app, installed, range(100, 100 + dismissed), int(time.time()) + 7200)
    forged = forged_uninstall(installed.administrator)
    assert post_event(installed, forged) == 200
    assert stored(app, installed).status is Status.INSTALLED
    assert services.tokens.find(member_id, REGULAR_USER) is not None


def test_a_launch_keeps_the_history_of_a_portal_that_seemed_uninstalled(
    app: Flask, installed: Cast
) -> None:
    services, member_id = services_of(app), installed.portal.member_id
    services.changes.add(member_id, 1, REGULAR_USER, (), ("CONTACT:1",))
    forged = forged_uninstall(installed.regular_user)
    for user_id in (ADMINISTRATOR, REGULAR_USER):
        services.tokens.delete(member_id, user_id)
    dismissed_users(app, installed, range(100, 103), int(time.time()) + 7200)
    assert post_event(installed, forged) == 200
    assert stored(app, installed).status is Status.UNINSTALLED
    assert "Everything is set up" in installed.administrator.open().text
    with time_machine.travel(time.time() + GRACE_PERIOD + 1):
        services.lifecycle.finish_uninstalls(may_ask=False)
    assert stored(app, installed).status is Status.INSTALLED
    assert len(services.changes.newest(member_id, 1)) == 1


@pytest.mark.parametrize(("clean", "changes_left"), [("0", 1), ("1", 0)])
def test_installing_again_finishes_an_uninstall(
    app: Flask, installed: Cast, clean: str, changes_left: int
) -> None:
    services, member_id = services_of(app), installed.portal.member_id
    uninstall_after_a_change(app, installed, clean)
    lifecycle.reinstall(installed.portal)
    installed.administrator.open()
    assert len(services.changes.newest(member_id, 1)) == changes_left


def test_accepted_acts_are_logged(installed: Cast, config: Settings) -> None:
    installed.portal.installed = False
    installed.administrator.open()
    assert teach(installed, "a-new-token") == 200
    lifecycle.uninstall(installed.portal)
    fields = portal_event(installed, "ONAPPUNINSTALL")
    assert post_event(installed, {**fields, "auth[application_token]": "a-new-token"}) == 200
    (path,) = config.log_dir.glob("security-*.jsonl")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    accepted = [line["accepted"] for line in lines if "accepted" in line]
    assert accepted[-3:] == ["installation", "application token", "uninstall"]


@pytest.mark.parametrize("guest", [True, False])
def test_tokens_of_refused_users_are_not_kept(app: Flask, installed: Cast, guest: bool) -> None:
    user = installed.regular_user
    if guest:
        installed.portal.user(REGULAR_USER).extranet = True
    else:
        installed.portal.faults.add("error", "profile", code="user_access_error")
    assert user.open().status_code == 403
    assert services_of(app).tokens.find(installed.portal.member_id, REGULAR_USER) is None


@pytest.mark.parametrize("clean", [False, True])
def test_the_app_can_be_installed_again_after_an_uninstall(
    app: Flask, installed: Cast, sandbox: Sandbox, clean: bool
) -> None:
    old = portal_event(installed, "ONAPPUNINSTALL", ts=str(int(time.time()) - 3600))
    lifecycle.uninstall(installed.portal, clean=clean)
    post_event(installed, portal_event(installed, "ONAPPUNINSTALL"))
    sandbox.events.wait_idle()
    lifecycle.reinstall(installed.portal)
    assert "Everything is set up" in installed.administrator.open().text
    assert stored(app, installed).status is Status.INSTALLED
    # The event of the life before comes late.
    assert post_event(installed, old) == 403
    assert stored(app, installed).status is Status.INSTALLED


def test_a_late_uninstall_of_an_earlier_installation_is_refused(
    app: Flask, installed: Cast
) -> None:
    # Some portals keep their application_token over a reinstall. The tokens tell that it is late.
    fields = portal_event(installed, "ONAPPUNINSTALL", ts=str(int(time.time()) - 3600))
    assert post_event(installed, fields) == 403
    assert stored(app, installed).status is Status.INSTALLED
    assert services_of(app).tokens.find(installed.portal.member_id, REGULAR_USER) is not None


def test_extranet_users_are_refused(installed: Cast) -> None:
    installed.portal.user(REGULAR_USER).extranet = True
    response = installed.regular_user.open()
    assert response.status_code == 403
    assert "This app is for employees" in response.text


@pytest.mark.parametrize("trouble", ["OPERATION_TIME_LIMIT", "INTERNAL_SERVER_ERROR"])
def test_a_failed_check_does_not_admit_a_user(installed: Cast, trouble: str) -> None:
    installed.portal.user(REGULAR_USER).extranet = True
    installed.portal.faults.add("error", "crm.item.list", code=trouble)
    response = installed.regular_user.open()
    assert response.status_code in {502, 503}
    assert 'name="session"' not in response.text
