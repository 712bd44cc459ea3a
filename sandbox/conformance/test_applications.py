"""Calls of an application"""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.conformance.conftest import Compare
from sandbox.conformance.rest import Rest
from sandbox.conformance.samples import Samples, contact

# The suite never causes this event, so that none is sent.
EVENT = {"event": "ONAPPTEST", "handler": "https://conformance.invalid/event"}
# A portal refuses them; they are unbound in case it does not.
BAD_HANDLERS = {
    "http://localhost:5000/": "ERROR_WRONG_HANDLER_URL",
    "ftp://conformance.invalid/": "ERROR_UNSUPPORTED_PROTOCOL",
}
PLACE = {"placement": "LEFT_MENU", "handler": "https://conformance.invalid/place"}
# A method of each scope that the application may not have.
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
        pytest.skip("needs the token of a user who is not an administrator")


@pytest.fixture
def forbidden(app: Rest) -> str:
    scopes = set(app.call("scope").result)
    if scopes & {"user_brief", "user_basic"}:
        scopes.add("user")
    lacking = [method for scope, method in METHODS.items() if scope not in scopes]
    if not lacking:
        pytest.skip("the application has all scopes that the suite knows")
    return lacking[0]


@pytest.fixture
def unbound(app: Rest) -> Iterator[None]:
    yield
    for handler in (EVENT["handler"], *BAD_HANDLERS):
        app.call("event.unbind", event=EVENT["event"], handler=handler)
    app.call("placement.unbind", **PLACE)


def test_a_bearer_header_wins_over_a_parameter(anonymous: Rest, token: str) -> None:
    header = {"Authorization": f"bearer {token}"}
    assert anonymous.send("POST", "profile", json={"auth": "nonsense"}, headers=header).result


def test_auth_wins_over_access_token(anonymous: Rest, token: str) -> None:
    assert anonymous.call("profile", auth=token, access_token="nonsense").result  # noqa: S106
    assert anonymous.call("profile", auth="", access_token=token).result


def test_app_info_describes_the_calling_application(app: Rest) -> None:
    info = app.call("app.info").result
    assert {"ID", "CODE", "VERSION", "STATUS", "INSTALLED", "PAYMENT_EXPIRED"} <= set(info)
    assert isinstance(info["INSTALLED"], bool)
    assert info["STATUS"] in ("L", "F", "D", "T", "P", "S")


def test_users_can_change_the_records_of_other_users(
    app: Rest, portal: Rest, me: dict[str, Any], samples: Samples, record_id: int, contact_id: int
) -> None:
    if me["ID"] == portal.call("profile").result["ID"]:
        pytest.skip("needs the token of another user than the webhook's")
    clients = [contact(contact_id)]
    method = "booking.v1.waitlist.client.set"
    assert app.call(method, waitListId=record_id, clients=clients).result is True
    assert samples.clients(record_id) == [("CONTACT", contact_id)]


def test_the_status_for_a_missing_scope(app: Rest, forbidden: str, compare: Compare) -> None:
    answer = app.call(forbidden)
    assert answer.error == "insufficient_scope"
    compare(answer.status, source=401, docs=403)


def test_a_missing_scope_in_a_batch_has_no_error_text(app: Rest, forbidden: str) -> None:
    errors = app.batch({"x": forbidden})["result_error"]
    assert errors == {"x": {"error": "insufficient_scope", "error_description": ""}}


@pytest.mark.usefixtures("unbound")
def test_binding_an_event_twice_is_an_error(app: Rest) -> None:
    assert app.call("event.bind", **EVENT).result is True
    again = app.call("event.bind", **EVENT)
    text = "Unable to set event handler: Handler already binded"
    assert (again.status, again.error, again.text) == (400, "ERROR_CORE", text)
    assert EVENT["handler"] in {row["handler"] for row in app.call("event.get").result}
    assert app.call("event.unbind", **EVENT).result == {"count": 1}
    assert app.call("event.unbind", **EVENT).result == {"count": 0}


@pytest.mark.usefixtures("administrator", "unbound")
def test_a_handler_can_be_bound_once_for_all_users_and_once_for_each_user(
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
def test_a_handler_needs_http_and_a_dot_in_its_host(app: Rest, handler: str, error: str) -> None:
    assert app.call("event.bind", event=EVENT["event"], handler=handler).error == error


def test_an_error_names_what_a_binding_lacks(app: Rest) -> None:
    missing = app.call("event.bind", event=EVENT["event"])
    assert (missing.error, missing.body["argument"]) == ("ERROR_ARGUMENT", "HANDLER")
    unknown = app.call("event.bind", event="ONNOTHING", handler=EVENT["handler"])
    assert unknown.error == "ERROR_EVENT_NOT_FOUND"


@pytest.mark.usefixtures("employee")
def test_only_an_administrator_can_bind_placements(app: Rest) -> None:
    answer = app.call("placement.bind", **PLACE)
    assert (answer.status, answer.error) == (403, "ACCESS_DENIED")


@pytest.mark.usefixtures("administrator", "unbound")
def test_binding_a_placement_twice_is_an_error(app: Rest) -> None:
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
def test_the_status_of_a_failed_binding(app: Rest, compare: Compare) -> None:
    answer = app.call("placement.bind", **{**PLACE, "placement": "NOWHERE"})
    compare(answer.status, source=400, docs=200)


@pytest.mark.usefixtures("administrator", "unbound")
def test_the_count_for_one_removed_placement(app: Rest, compare: Compare) -> None:
    app.call("placement.bind", **PLACE)
    compare(app.call("placement.unbind", **PLACE).result["count"], source=2, docs=1)


@pytest.mark.usefixtures("administrator", "unbound")
def test_whether_a_bound_placement_has_an_id(app: Rest, compare: Compare) -> None:
    app.call("placement.bind", **PLACE)
    rows = [r for r in app.call("placement.get").result if r["handler"] == PLACE["handler"]]
    assert len(rows) == 1
    compare("id" in rows[0], source=True, docs=False)


def test_events_are_listed_for_one_scope_or_for_all(app: Rest) -> None:
    own, everything = set(app.call("events").result), set(app.call("events", FULL=1).result)
    booking, without = (set(app.call("events", SCOPE=name).result) for name in ("booking", ""))
    names = {name.upper() for name in booking}
    assert {"ONBOOKINGWAITLISTITEMADD", "ONBOOKINGADD", "ONBOOKINGRESOURCETYPEDELETE"} <= names
    assert without <= own <= everything
    assert not booking & without


def test_an_option_of_a_user_that_is_not_set_is_an_empty_text(app: Rest, samples: Samples) -> None:
    assert app.call("user.option.get", option=samples.marker).result == ""
    refused = app.call("user.option.set")
    assert (refused.status, refused.error) == (400, "ERROR_ARGUMENT")
