"""No route changes anything for a user without a session or without access to CRM."""

from __future__ import annotations

import re

import pytest
from flask import Flask, Response

from bitrix24.batch import Command
from sandbox.core.model import ExternalRow
from sandbox.portal.portal import Portal
from tests.cast import NO_CRM_RIGHTS, REGULAR_USER, Cast, Fields, Person
from tests.web.steps import customer_keys, forget_customers, methods_asked
from web.frame import current_frame
from web.problems.problem import _only_read
from web.services import services_of

pytestmark = pytest.mark.records(3)

CLOSED = "You can only read the waiting list"
SEEN = {"seen": "CONTACT:1", "seen_note": "", "change": "1"}
NEW_CUSTOMER = {"new_kind": "CONTACT", "new_name": "Anna", "new_lastName": "Neu"}
EDIT = {"customer": "CONTACT:1", "base_note": "", "note": "New"}
TAB = {"customer": "CONTACT:1", "record": "1", **SEEN, "made": "yes"}
DEAL = {"deal": "1", "record": "1", "all": "CONTACT:1", "customer": "CONTACT:1", **SEEN}
TIME = {"from": "2082790800", "to": "2082794400", "zone": "UTC", "resource": "1", **SEEN}
CHANGING: dict[str, Fields] = {
    "/records/1/save": EDIT,
    "/records/new/save": EDIT,
    "/records/1/undo": SEEN,
    "/records/1/restore": SEEN,
    "/records/1/put-back": SEEN,
    "/records/1/leave": SEEN,
    "/records/1/unlink": SEEN,
    "/records/1/unlink-deal": {"deal": "1"},
    "/records/1/link-deal": {"deal": "1"},
    "/records/1/remove": SEEN,
    "/records/remove": {"shown": "1 0"},
    "/records/1/call": {"result": "call_back", "at": "15:00", "to_do": "1"},
    "/records/1/call/undo": {"call": "1"},
    "/records/1/book": TIME,
    "/bookings/1/back": {},
    "/customers/create": {**NEW_CUSTOMER, "anyway": "yes"},
    "/customers/delete": {"customer": "CONTACT:1", "new_attempt": "w" * 24},
    "/card/add": TAB,
    "/card/back": {**TAB, "booking": "1"},
    "/card/create": TAB,
    "/card/remove": TAB,
    "/card/undo": TAB,
    "/card/deal/put": DEAL,
    "/card/deal/undo": {**DEAL, "linked": "yes"},
}
"""Every route that changes something, with a form that it would carry out."""
CALLS = {"/records/1/call", "/records/1/call/undo"}
NO_RECORD = CALLS | {"/records/1/leave", "/customers/create", "/customers/delete"}
"""Those that change only notes of the app, or what CRM itself checks."""


@pytest.fixture
def record(app: Flask, portal: Portal) -> int:
    """Record 1 with a customer, a link to a deal, and a change in its history."""
    portal.state.records[1].external.append(ExternalRow("crm", "DEAL", "1"))
    keys = tuple(customer_keys(portal, 1))
    services_of(app).changes.add(portal.member_id, 1, NO_CRM_RIGHTS, (), keys)
    return 1


def written(portal: Portal) -> list[str]:
    reading = (".list", ".get", ".fields", ".findbycomm", "profile", "app.info")
    return [method for method in methods_asked(portal) if not method.endswith(reading)]


def test_the_list_above_names_every_changing_route(app: Flask) -> None:
    rules = {
        re.sub("<int:[a-z_]+>", "1", rule.rule)
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and app.view_functions[rule.endpoint] not in _only_read
    }
    assert rules == CHANGING.keys()


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("path", CHANGING)
def test_a_user_to_whom_crm_is_closed_changes_nothing(
    app: Flask, tomas: Person, portal: Portal, record: int, path: str, restarted: bool
) -> None:
    before = customer_keys(portal, record), list(portal.state.records[record].external)
    if restarted:
        forget_customers(app)
    answer = tomas.post(path, CHANGING[path])
    assert (answer.status_code, CLOSED in answer.text) == (403, True)
    assert written(portal) == []
    assert (customer_keys(portal, record), portal.state.records[record].external) == before


@pytest.mark.parametrize("path", sorted(CHANGING.keys() - NO_RECORD))
@pytest.mark.usefixtures("record")
def test_a_user_who_loses_crm_meanwhile_changes_no_record(
    raj: Person, portal: Portal, path: str
) -> None:
    raj.post("/records/1")
    portal.user(REGULAR_USER).crm_read = False
    portal.requests.clear()
    answer = raj.post(path, CHANGING[path])
    assert (answer.status_code, CLOSED in answer.text) == (403, True)
    assert written(portal) == []


@pytest.mark.parametrize("path", CHANGING)
def test_without_a_session_a_changing_route_is_not_entered(
    app: Flask, installed: Cast, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    endpoint = app.url_map.bind("").match(path, "POST")[0]
    entered = list[str]()

    def view(**_: object) -> Response:
        entered.append(path)
        return Response("done")

    monkeypatch.setitem(app.view_functions, endpoint, view)
    for session in ("", installed.regular_user.session[:-3]):
        headers = {"X-Frame-Session": session}
        assert installed.stranger.client.post(path, headers=headers).status_code == 401
    assert entered == []
    assert installed.regular_user.post(path).text == "done"


@pytest.mark.parametrize("restarted", [False, True])
def test_a_route_that_forgets_to_check_writes_nothing_either(
    app: Flask,
    tomas: Person,
    portal: Portal,
    record: int,
    monkeypatch: pytest.MonkeyPatch,
    restarted: bool,
) -> None:
    def forgetful(**_: object) -> Response:
        context = current_frame().context
        context.client.call(Command("booking.v1.waitlist.delete", {"id": record}))
        return Response("done")

    monkeypatch.setitem(app.view_functions, "card.add", forgetful)
    if restarted:
        forget_customers(app)
    answer = tomas.post("/card/add")
    assert (answer.status_code, CLOSED in answer.text) == (403, True)
    assert written(portal) == []
    assert tomas.client.post("/card/add").status_code == 401


@pytest.mark.parametrize("fault", ["OPERATION_TIME_LIMIT", "INTERNAL_SERVER_ERROR"])
def test_a_check_that_fails_lets_nothing_through(
    app: Flask, tomas: Person, portal: Portal, record: int, fault: str
) -> None:
    forget_customers(app)
    portal.faults.add("error", "crm.item.list", code=fault)
    for path in CHANGING:
        assert "Saved." not in tomas.post(path, CHANGING[path]).text
    assert written(portal) == []
    assert record in portal.records
