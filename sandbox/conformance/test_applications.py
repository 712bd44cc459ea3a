"""What only an application sees"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.conformance.conftest import Sides
from sandbox.conformance.rest import Rest
from sandbox.conformance.workshop import Workshop, contact

# Nothing in this suite makes a resource, so nothing is ever sent there.
EVENT = {"event": "ONBOOKINGRESOURCEADD", "handler": "https://conformance.invalid/event"}
# Refused by a portal that is as described; unbound again should one take them.
BAD_HANDLERS = {
    "http://localhost:5000/": "ERROR_WRONG_HANDLER_URL",
    "ftp://conformance.invalid/": "ERROR_UNSUPPORTED_PROTOCOL",
}
PLACE = {"placement": "LEFT_MENU", "handler": "https://conformance.invalid/place"}
# A method for each scope that an application may lack.
METHODS = {"user": "user.current", "placement": "placement.list", "task": "tasks.task.list"}


@pytest.fixture(scope="module")
def me(app: Rest) -> dict[str, Any]:
    return dict(app.call("profile").result)


@pytest.fixture
def administrator(me: dict[str, Any]) -> None:
    if not me["ADMIN"]:
        pytest.skip("needs the token of an administrator")


@pytest.fixture
def employee(me: dict[str, Any]) -> None:
    if me["ADMIN"]:
        pytest.skip("needs the token of somebody who is no administrator")


@pytest.fixture
def forbidden(app: Rest) -> str:
    scopes = set(app.call("scope").result)
    if scopes & {"user_brief", "user_basic"}:
        scopes.add("user")
    lacking = [method for scope, method in METHODS.items() if scope not in scopes]
    if not lacking:
        pytest.skip("the application lacks none of the scopes known here")
    return lacking[0]


@pytest.fixture
def unbound(app: Rest) -> Iterator[None]:
    yield
    for handler in (EVENT["handler"], *BAD_HANDLERS):
        app.call("event.unbind", event=EVENT["event"], handler=handler)
    app.call("placement.unbind", **PLACE)


def test_a_bearer_header_wins_over_a_parameter(stranger: Rest, token: str) -> None:
    header = {"Authorization": f"bearer {token}"}
    assert stranger.send("POST", "profile", json={"auth": "nonsense"}, headers=header).result


def test_auth_wins_over_access_token(stranger: Rest, token: str) -> None:
    assert stranger.call("profile", auth=token, access_token="nonsense").result  # noqa: S106
    assert stranger.call("profile", auth="", access_token=token).result


def test_app_info_tells_an_application_about_itself(app: Rest) -> None:
    info = app.call("app.info").result
    assert {"ID", "CODE", "VERSION", "STATUS", "INSTALLED", "PAYMENT_EXPIRED"} <= set(info)
    assert isinstance(info["INSTALLED"], bool)
    assert info["STATUS"] in ("L", "F", "D", "T", "P", "S")


def test_anybody_may_change_anybodys_record(
    app: Rest, portal: Rest, me: dict[str, Any], workshop: Workshop, record: int, someone: int
) -> None:
    if me["ID"] == portal.call("profile").result["ID"]:
        pytest.skip("needs a token of somebody else than the webhook's user")
    clients = [contact(someone)]
    method = "booking.v1.waitlist.client.set"
    assert app.call(method, waitListId=record, clients=clients).result is True
    assert workshop.clients(record) == [("CONTACT", someone)]


def test_a_scope_that_the_application_lacks(app: Rest, forbidden: str, sides: Sides) -> None:
    answer = app.call(forbidden)
    assert answer.error == "insufficient_scope"
    sides(answer.status, source=401, docs=403)


def test_in_a_batch_the_same_refusal_has_no_text(app: Rest, forbidden: str) -> None:
    errors = app.batch({"x": forbidden})["result_error"]
    assert errors == {"x": {"error": "insufficient_scope", "error_description": ""}}


@pytest.mark.usefixtures("unbound")
def test_an_event_is_bound_once_and_a_second_time_is_an_error(app: Rest) -> None:
    assert app.call("event.bind", **EVENT).result is True
    again = app.call("event.bind", **EVENT)
    text = "Unable to set event handler: Handler already binded"
    assert (again.status, again.error, again.text) == (400, "ERROR_CORE", text)
    assert EVENT["handler"] in {row["handler"] for row in app.call("event.get").result}
    assert app.call("event.unbind", **EVENT).result == {"count": 1}
    assert app.call("event.unbind", **EVENT).result == {"count": 0}


@pytest.mark.usefixtures("administrator", "unbound")
def test_one_handler_is_bound_once_for_everybody_and_once_for_each_user(
    app: Rest, me: dict[str, Any]
) -> None:
    owners = [0, int(me["ID"])]
    for owner in owners:
        assert app.call("event.bind", **EVENT, auth_type=owner).result is True
        assert app.call("event.bind", **EVENT, auth_type=owner).error == "ERROR_CORE"
    rows = [r for r in app.call("event.get").result if r["handler"] == EVENT["handler"]]
    assert sorted(int(row["auth_type"]) for row in rows) == owners
    for owner in owners:
        assert app.call("event.unbind", **EVENT, auth_type=owner).result == {"count": 1}


@pytest.mark.usefixtures("unbound")
@pytest.mark.parametrize(("handler", "error"), BAD_HANDLERS.items(), ids=["localhost", "ftp"])
def test_a_handler_needs_a_dot_in_its_host_and_http(app: Rest, handler: str, error: str) -> None:
    assert app.call("event.bind", event=EVENT["event"], handler=handler).error == error


def test_a_binding_says_what_it_misses(app: Rest) -> None:
    missing = app.call("event.bind", event=EVENT["event"])
    assert (missing.error, missing.body["argument"]) == ("ERROR_ARGUMENT", "HANDLER")
    unknown = app.call("event.bind", event="ONNOTHING", handler=EVENT["handler"])
    assert unknown.error == "ERROR_EVENT_NOT_FOUND"


@pytest.mark.usefixtures("employee")
def test_only_an_administrator_binds_placements(app: Rest) -> None:
    answer = app.call("placement.bind", **PLACE)
    assert (answer.status, answer.error) == (403, "ACCESS_DENIED")


@pytest.mark.usefixtures("administrator", "unbound")
def test_a_placement_is_bound_once_and_a_second_time_is_an_error(app: Rest) -> None:
    assert app.call("placement.bind", **PLACE).result is True
    again = app.call("placement.bind", **PLACE)
    text = "Unable to set placement handler: Handler already binded"
    assert (again.error, again.text) == ("ERROR_CORE", text)
    assert app.call("placement.bind", **{**PLACE, "placement": "DEFAULT"}).error == (
        "ERROR_ARGUMENT"
    )
    assert app.call("placement.bind", **{**PLACE, "placement": "NOWHERE"}).error == (
        "ERROR_PLACEMENT_NOT_FOUND"
    )


@pytest.mark.usefixtures("administrator", "unbound")
def test_the_status_of_a_binding_that_failed(app: Rest, sides: Sides) -> None:
    answer = app.call("placement.bind", **{**PLACE, "placement": "NOWHERE"})
    sides(answer.status, source=400, docs=200)


@pytest.mark.usefixtures("administrator", "unbound")
def test_how_one_removed_placement_is_counted(app: Rest, sides: Sides) -> None:
    app.call("placement.bind", **PLACE)
    sides(app.call("placement.unbind", **PLACE).result["count"], source=2, docs=1)


@pytest.mark.usefixtures("administrator", "unbound")
def test_whether_a_bound_placement_has_an_id(app: Rest, sides: Sides) -> None:
    app.call("placement.bind", **PLACE)
    rows = [r for r in app.call("placement.get").result if r["handler"] == PLACE["handler"]]
    assert len(rows) == 1
    sides("id" in rows[0], source=True, docs=False)
