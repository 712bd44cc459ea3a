"""A portal may carry out a call after the app has given up: nothing is lost or made twice."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask

from bitrix24.errors import NotSent
from sandbox import Sandbox
from sandbox.portal.portal import Portal
from store.pending.writes import State
from tests.cast import Cast, Person
from tests.web.record.steps import attempt_in, named
from tests.web.steps import (
    Spoil,
    colleague_sets,
    customer_keys,
    customer_writes,
    let_pass,
    undo_fields,
    until_in,
    visible_contacts,
)
from waitlist.pending_writes import FIRST_CHECK, HORIZON
from web.services import services_of

ADD, SET, UNSET = (
    "booking.v1.waitlist.add",
    "booking.v1.waitlist.client.set",
    "booking.v1.waitlist.client.unset",
)
DELETE, UPDATE = "booking.v1.waitlist.delete", "booking.v1.waitlist.update"
UNKNOWN = "We can't tell whether your changes were saved."
YET = "We can't tell yet whether your changes were saved."


def late(portal: Portal, method: str) -> None:
    portal.faults.add("late", method, count=1, seconds=3600)


def open_states(app: Flask, portal: Portal) -> list[State]:
    return [write.state for write in services_of(app).writes.of_portal(portal.member_id)]


def save(person: Person, number: int, base: list[str], wanted: list[str], **more: str) -> str:
    fields = {"base": base, "customer": wanted, **more}
    return unescape(person.post(f"/records/{number}/save", fields).text)


@pytest.mark.parametrize("method", [SET, UNSET])
def test_a_list_without_an_answer_is_not_written_again(
    raj: Person, portal: Portal, number: int, method: str
) -> None:
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    wanted = [] if method == UNSET else base + new
    late(portal, method)
    for _ in range(3):
        assert UNKNOWN in save(raj, number, base, wanted)
    assert customer_writes(portal) == []
    portal.late.run_all()
    assert "Saved." in save(raj, number, base, wanted)
    assert len(customer_writes(portal)) == 1
    assert customer_keys(portal, number) == wanted


def test_after_the_horizon_it_is_written_again(
    app: Flask, raj: Person, portal: Portal, number: int
) -> None:
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    portal.faults.add("drop_before", SET, count=1)
    assert UNKNOWN in save(raj, number, base, base + new)
    let_pass(app, HORIZON - 5)
    assert UNKNOWN in save(raj, number, base, base + new)
    let_pass(app, 5)
    assert "Saved." in save(raj, number, base, base + new)
    assert customer_keys(portal, number) == base + new
    assert open_states(app, portal) == []


def test_a_colleague_saves_nothing_that_a_late_write_would_undo(
    app: Flask, olga: Person, raj: Person, portal: Portal, number: int
) -> None:
    base, (mine, hers) = customer_keys(portal, number), visible_contacts(portal, number, 2)
    late(portal, SET)
    assert UNKNOWN in save(raj, number, base, [*base, mine])
    answer = save(olga, number, base, [*base, hers])
    assert "Bitrix24 has not answered an earlier change of this record yet." in answer
    assert "Nothing was saved." in answer
    assert "data-countdown" in answer
    portal.late.run_all()
    assert "Both changes were kept." in save(olga, number, base, [*base, hers])
    assert customer_keys(portal, number) == [*base, mine, hers]
    history = olga.post(f"/records/{number}/history").text
    assert history.count("Restore this list") == 2
    assert app


def test_what_a_late_write_has_undone_can_be_put_back(
    app: Flask, installed: Cast, olga: Person, raj: Person, portal: Portal, number: int
) -> None:
    base, (mine, theirs) = customer_keys(portal, number), visible_contacts(portal, number, 2)
    until = until_in(raj.open().text)
    late(portal, SET)
    assert UNKNOWN in save(raj, number, base, [*base, mine])
    colleague_sets(portal, number, [*base, theirs])
    let_pass(app, FIRST_CHECK)
    raj.post("/records/news", {"until": until})
    portal.late.run_all()
    assert customer_keys(portal, number) == [*base, mine]
    let_pass(app, HORIZON)
    page = unescape(olga.post("/records/news", {"until": until}).text)
    assert "left the record, because an earlier change took effect late." in page
    assert "Put back" in page
    (write,) = services_of(app).writes.of_portal(portal.member_id)
    assert "Put back" in unescape(olga.open().text)
    back = raj.post(f"/records/{number}/put-back", {"write": write.public_id})
    assert "Saved." in back.text
    assert "Put back" not in back.text
    assert customer_keys(portal, number) == [*base, mine, theirs]
    assert open_states(app, portal) == []
    assert installed


def test_an_unknown_save_is_seen_on_the_list_and_in_the_history_until_it_is_known(
    app: Flask, raj: Person, olga: Person, portal: Portal, number: int
) -> None:
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    late(portal, SET)
    save(raj, number, base, base + new)
    assert YET in unescape(raj.open().text)
    assert YET not in unescape(olga.open().text)
    history = unescape(raj.post(f"/records/{number}/history").text)
    assert "not known yet whether it was saved" in history
    portal.late.run_all()
    portal.requests.clear()
    until = until_in(raj.open().text)
    let_pass(app, FIRST_CHECK)
    assert f'id="record-{number}"' in raj.post("/records/news", {"until": until}).text
    assert YET not in unescape(raj.open().text)
    history = unescape(raj.post(f"/records/{number}/history").text)
    assert "not known yet whether it was saved" not in history
    assert "Restore this list" in history


@pytest.mark.parametrize("meanwhile", [False, True])
def test_the_outcome_is_told_to_a_user_who_has_left_the_record(
    app: Flask, raj: Person, portal: Portal, number: int, meanwhile: bool
) -> None:
    base, (new, other) = customer_keys(portal, number), visible_contacts(portal, number, 2)
    until = until_in(raj.open().text)
    portal.faults.add("drop_before", SET, count=1)
    save(raj, number, base, [*base, new])
    if meanwhile:
        colleague_sets(portal, number, [*base, other])
    let_pass(app, HORIZON)
    told = unescape(raj.post("/records/news", {"until": until}).text)
    assert ("Your changes were not saved." in told) != meanwhile
    assert ("We couldn't find out whether your changes were saved." in told) == meanwhile
    (write,) = services_of(app).writes.of_portal(portal.member_id)
    raj.post(f"/records/{number}/leave", {"write": write.public_id})
    assert open_states(app, portal) == []


@pytest.mark.parametrize("busy", [0, 1, 30])
def test_a_page_does_not_tell_how_much_other_portals_write(
    app: Flask, installed_elsewhere: Cast, raj: Person, portal: Portal, number: int, busy: int
) -> None:
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    store = services_of(app).writes
    for record_id in range(busy):
        assert store.claim(installed_elsewhere.portal.member_id, record_id, 1)
    portal.faults.add("drop_before", SET, count=1)
    save(raj, number, base, base + new)
    let_pass(app, HORIZON)
    raj.open()
    (write,) = store.of_portal(portal.member_id)
    names = re.findall(r'name="write" value="([^"]*)"', raj.open().text)
    assert names == [write.public_id]
    raj.post(f"/records/{number}/leave", {"write": str(write.id)})
    assert open_states(app, portal) != []


def test_polls_look_twice_and_ask_nothing_else(
    app: Flask, raj: Person, portal: Portal, number: int
) -> None:
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    until = until_in(raj.open().text)
    portal.faults.add("drop_before", SET, count=1)
    save(raj, number, base, base + new)
    asked = []
    for seconds in (0, FIRST_CHECK, 10, 10, HORIZON - FIRST_CHECK - 20, 10):
        let_pass(app, seconds)
        portal.requests.clear()
        raj.post("/records/news", {"until": until})
        asked.append(len(portal.requests))
    assert asked == [0, 1, 0, 0, 1, 0]


def test_a_late_removal_is_known_later(
    app: Flask, raj: Person, olga: Person, portal: Portal, number: int
) -> None:
    until = until_in(raj.open().text)
    seen = {"seen": customer_keys(portal, number), "seen_note": portal.records[number].note or ""}
    late(portal, DELETE)
    answer = raj.post(f"/records/{number}/remove", seen)
    assert "We can't tell whether it was done." in unescape(answer.text)
    blocked = save(olga, number, seen["seen"], [])  # type: ignore[arg-type]
    assert "Bitrix24 has not answered an earlier change" in blocked
    portal.late.run_all()
    let_pass(app, FIRST_CHECK)
    assert f'<span id="record-{number}" hidden>' in raj.post("/records/news", {"until": until}).text
    assert "Removed." in raj.post(f"/records/{number}/remove", seen).text


@pytest.mark.parametrize("note", ["After four", "a $result[0] b", ""])
def test_a_late_note_is_known_later(
    raj: Person, olga: Person, portal: Portal, number: int, note: str
) -> None:
    portal.records[number].note = "Before"
    base = customer_keys(portal, number)
    late(portal, UPDATE)
    assert UNKNOWN in save(raj, number, base, base, base_note="Before", note=note)
    other = save(olga, number, base, base, base_note="Before", note="Other")
    assert "Bitrix24 has not answered an earlier change" in other
    portal.late.run_all()
    assert "Saved." in save(raj, number, base, base, base_note="Before", note=note)
    assert (portal.records[number].note or "") == note


@pytest.mark.parametrize("note", ["After four", "a $result[0] b", ""])
@pytest.mark.parametrize("later", ["", "Other"])
def test_a_note_that_was_found_is_closed_after_the_horizon(
    app: Flask, raj: Person, portal: Portal, number: int, note: str, later: str
) -> None:
    until = until_in(raj.open().text)
    portal.records[number].note = "Before"
    base = customer_keys(portal, number)
    portal.faults.add("drop_after", UPDATE, count=1)
    assert "Saved." in save(raj, number, base, base, base_note="Before", note=note)
    if later:
        portal.records[number].note = later
    assert open_states(app, portal) == [State.WATCHED]
    let_pass(app, HORIZON)
    assert raj.post("/records/news", {"until": until}).status_code in {200, 204}
    assert open_states(app, portal) == []


@pytest.mark.parametrize("when", [0, FIRST_CHECK, HORIZON - 5])
def test_a_record_is_not_created_again_while_it_may_still_appear(
    app: Flask, raj: Person, portal: Portal, when: int
) -> None:
    before = set(portal.records)
    attempt = attempt_in(raj.post("/records/new").text)
    fields = {"customer": ["CONTACT:1"], "note": "After four", "attempt": attempt}
    late(portal, ADD)
    assert raj.post("/records/new/save", fields).status_code == 502
    let_pass(app, when)
    answer = raj.post("/records/new/save", fields)
    assert answer.status_code == 502
    assert "The record may be there already." in answer.text
    assert "Make it anyway" in answer.text
    assert "Nothing was saved" not in answer.text
    portal.late.run_all()
    assert "Saved." in raj.post("/records/new/save", fields).text
    (number,) = set(portal.records) - before
    assert customer_keys(portal, number) == ["CONTACT:1"]


def test_a_record_is_created_again_if_the_user_insists(raj: Person, portal: Portal) -> None:
    before = set(portal.records)
    attempt = attempt_in(raj.post("/records/new").text)
    fields = {"customer": ["CONTACT:1"], "note": "After four", "attempt": attempt}
    late(portal, ADD)
    raj.post("/records/new/save", fields)
    assert "Saved." in raj.post("/records/new/save", {**fields, "anyway": "1"}).text
    assert len(set(portal.records) - before) == 1


@pytest.mark.parametrize("horizon", [False, True])
def test_a_contact_is_not_created_again_while_it_may_still_appear(
    app: Flask, raj: Person, portal: Portal, horizon: bool
) -> None:
    attempt = attempt_in(raj.post("/customers/new", {"q": "Anna Neu"}).text)
    fields = {"new_kind": "CONTACT", "new_name": "Anna", "new_lastName": "Neu"}
    fields["new_attempt"] = attempt
    late(portal, "crm.item.add")
    for _ in range(2):
        page = raj.post("/customers/create", fields).text
        assert "The customer may still appear in CRM." in page
        assert "Make it anyway" in page
        assert "data-press-after" in page
    if horizon:
        let_pass(app, HORIZON)
        portal.late.clear()
        raj.post("/customers/create", fields)
    else:
        portal.late.run_all()
        assert "CRM has this customer now." in raj.post("/customers/create", fields).text
    assert len(named(portal, "Anna Neu")) == 1


def test_an_undo_without_an_answer_is_not_sent_again(
    raj: Person, portal: Portal, number: int
) -> None:
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    saved = raj.post(f"/records/{number}/save", {"base": base, "customer": base + new}).text
    late(portal, SET)
    for _ in range(2):
        answer = raj.post(f"/records/{number}/undo", undo_fields(saved))
        assert "We can't tell whether it was done." in unescape(answer.text)
    portal.late.run_all()
    assert "Undone." in raj.post(f"/records/{number}/undo", undo_fields(saved)).text
    assert customer_keys(portal, number) == base


def test_a_refused_connection_has_certainly_changed_nothing(
    raj: Person, portal: Portal, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    monkeypatch.setattr("waitlist.records.save.write_customers", refused)
    assert "Nothing was saved." in save(raj, number, base, base + new)
    monkeypatch.undo()
    assert "Saved." in save(raj, number, base, base + new)


@pytest.mark.parametrize("answer", ["drop_before", "server_error", "html"])
@pytest.mark.parametrize("method", [SET, UNSET, UPDATE, DELETE])
def test_a_write_that_only_met_a_redirect_is_not_open(
    app: Flask, sandbox: Sandbox, raj: Person, portal: Portal, number: int, method: str, answer: str
) -> None:
    """The portal was not asked, and no server says where it has moved."""
    base = customer_keys(portal, number)
    sandbox.oauth_faults.add(answer, "app.info")
    portal.faults.add("redirect", method, count=1, host="elsewhere.example")

    def change() -> str:
        if method == DELETE:
            seen = {"seen": base, "seen_note": (portal.records[number].note or "").strip()}
            return unescape(raj.post(f"/records/{number}/remove", seen).text)
        wanted = {SET: base + visible_contacts(portal, number), UNSET: [], UPDATE: base}[method]
        note = {"base_note": portal.records[number].note or "", "note": "Another one"}
        return save(raj, number, base, wanted, **(note if method == UPDATE else {}))

    assert "Nothing was" in change()
    assert number in portal.records
    assert customer_keys(portal, number) == base
    assert open_states(app, portal) == []
    assert ("Removed." if method == DELETE else "Saved.") in change()


def refused(*_: object) -> None:
    raise NotSent("ConnectionError")


@pytest.mark.parametrize("broken", [None, 7, {"id": None}])
@pytest.mark.parametrize("when", [0, HORIZON])
def test_a_record_that_may_be_one_of_those_that_cannot_be_read_is_not_created_again(
    app: Flask, raj: Person, portal: Portal, spoil: Spoil, broken: object, when: int
) -> None:
    before = set(portal.records)
    attempt = attempt_in(raj.post("/records/new").text)
    fields = {"customer": ["CONTACT:1"], "note": "After four", "attempt": attempt}
    late(portal, ADD)
    raj.post("/records/new/save", fields)
    portal.late.run_all()
    let_pass(app, when)
    spoil(
        "booking.v1.waitlist.list",
        lambda result: {
            "waitList": [broken if row["id"] not in before else row for row in result["waitList"]]
        },
    )
    answer = raj.post("/records/new/save", fields)
    assert "The record may be there already." in answer.text
    assert "Nothing was saved" not in answer.text
    assert len(set(portal.records) - before) == 1


@pytest.mark.parametrize("fault", ["html", "server_error", "broken row"])
@pytest.mark.parametrize("when", [0, HORIZON])
def test_a_contact_that_cannot_be_looked_for_is_not_told_as_not_created(
    app: Flask, raj: Person, portal: Portal, spoil: Spoil, fault: str, when: int
) -> None:
    attempt = attempt_in(raj.post("/customers/new", {"q": "Anna Neu"}).text)
    fields = {"new_kind": "CONTACT", "new_name": "Anna", "new_lastName": "Neu"}
    fields["new_attempt"] = attempt
    late(portal, "crm.item.add")
    raj.post("/customers/create", fields)
    portal.late.run_all()
    let_pass(app, when)
    if fault == "broken row":
        spoil("crm.item.list", lambda result: {"items": [None for _ in result["items"]]})
    else:
        portal.faults.add(fault, "crm.item.list", count=1)
    page = raj.post("/customers/create", fields).text
    assert "The customer may still appear in CRM." in page
    assert "Nothing was" not in page
    assert len(named(portal, "Anna Neu")) == 1
