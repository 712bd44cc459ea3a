"""Open pages follow changes of records. The portal is asked only if something has changed."""

from __future__ import annotations

import re

from flask import Flask

from sandbox import Sandbox
from sandbox.portal.colleague import link_client
from sandbox.portal.portal import Portal
from tests.cast import Cast, Person
from tests.web.steps import a_record, colleague_adds, until_in, use_up_half
from waitlist.board.live import MOST
from web.services import services_of


def loaded(portal: Portal, number: int) -> dict[str, str | list[str]]:
    """What the editor of a newly opened record posts."""
    return {
        "record": str(number),
        "base": [f"{kind}:{id}" for kind, id in portal.clients(number)],
        "base_note": portal.records[number].note or "",
    }


def edit(portal: Portal, number: int) -> dict[str, str | list[str]]:
    """As `loaded`, with the fields that a user can change."""
    fields = loaded(portal, number)
    return {**fields, "customer": fields["base"], "note": fields["base_note"]}


def test_the_portal_is_not_asked_while_nothing_changes(olga: Person, portal: Portal) -> None:
    start = until_in(olga.open().text)
    portal.requests.clear()
    answer = olga.post("/records/news", {"until": start})
    assert (answer.status_code, answer.text) == (204, "")
    assert portal.requests == []


def test_a_colleagues_change_brings_a_row_in_one_request(
    installed: Cast, olga: Person, portal: Portal
) -> None:
    start, number = until_in(olga.open().text), a_record(portal)
    colleague_adds(installed, portal, number)
    portal.requests.clear()
    answer = olga.post("/records/news", {"until": start})
    assert f'id="record-{number}"' in answer.text
    assert str(portal.state.contacts[30].fields["name"]) in answer.text
    assert len(portal.requests) == 1
    assert olga.post("/records/news", {"until": until_in(answer.text)}).status_code == 204


def test_a_record_that_is_opened_brings_its_row_as_it_is_now(olga: Person, portal: Portal) -> None:
    olga.open()
    number, name = a_record(portal), str(portal.state.contacts[30].fields["name"])
    link_client(portal, number, "CONTACT", 30)
    row, _, editor = olga.post(f"/records/{number}").text.partition('id="record"')
    assert f'id="record-{number}"' in row
    assert name in row
    assert name in editor


def test_colleagues_get_what_was_saved_with_the_app(
    olga: Person, raj: Person, portal: Portal
) -> None:
    start, number = until_in(raj.open().text), a_record(portal)
    fields = edit(portal, number)
    assert olga.post(f"/records/{number}/save", {**fields, "note": "New"}).status_code == 200
    assert f'id="record-{number}"' in raj.post("/records/news", {"until": start}).text


def test_the_row_of_a_removed_record_goes(installed: Cast, olga: Person, portal: Portal) -> None:
    start, number = until_in(olga.open().text), a_record(portal)
    colleague_adds(installed, portal, number)
    portal.records[number].deleted = True
    answer = olga.post("/records/news", {"until": start, **loaded_before(number)})
    assert f'<span id="record-{number}" hidden></span>' in answer.text
    assert "no longer exists" in answer.text
    assert "New record with these customers" in answer.text


def loaded_before(number: int) -> dict[str, str]:
    return {"record": str(number), "base": "CONTACT:5", "base_note": ""}


def test_the_open_record_says_that_a_colleague_changed_it(
    installed: Cast, olga: Person, portal: Portal
) -> None:
    start, number = until_in(olga.open().text), a_record(portal)
    before = loaded(portal, number)
    colleague_adds(installed, portal, number)
    answer = olga.post("/records/news", {"until": start, **before})
    assert "was added outside this app" in answer.text
    assert f'formaction="/records/{number}/changes"' in answer.text


def test_a_change_of_another_record_brings_no_notice(
    installed: Cast, olga: Person, portal: Portal
) -> None:
    start, number = until_in(olga.open().text), a_record(portal)
    other = next(n for n in portal.records if n != number)
    colleague_adds(installed, portal, number)
    answer = olga.post("/records/news", {"until": start, **loaded(portal, other)})
    assert 'id="notice"' not in answer.text


def test_the_users_own_save_brings_no_notice(olga: Person, portal: Portal) -> None:
    start, number = until_in(olga.open().text), a_record(portal)
    customers = [*edit(portal, number)["customer"], "CONTACT:30"]
    fields = {**edit(portal, number), "customer": customers}
    assert olga.post(f"/records/{number}/save", fields).status_code == 200
    answer = olga.post("/records/news", {"until": start, **loaded(portal, number)})
    assert f'id="record-{number}"' in answer.text
    assert "data-refresh" not in answer.text


def test_many_changes_come_in_several_answers(app: Flask, olga: Person, portal: Portal) -> None:
    start = until_in(olga.open().text)
    numbers = sorted(portal.records)[: MOST + 5]
    services_of(app).record_events.add(portal.member_id, numbers)
    told: list[str] = []
    for _turn in range(2):
        portal.requests.clear()
        answer = olga.post("/records/news", {"until": start})
        told += re.findall(r'id="record-(\d+)"', answer.text)
        start = until_in(answer.text)
        assert len(portal.requests) == 1
    assert sorted(map(int, told)) == numbers


def test_changes_on_another_portal_are_not_told(
    app: Flask, installed_elsewhere: Cast, olga: Person
) -> None:
    start = until_in(olga.open().text)
    services_of(app).record_events.add(installed_elsewhere.portal.member_id, [1, 2, 3])
    assert olga.post("/records/news", {"until": start}).status_code == 204


def test_live_updates_give_way_to_users(
    installed: Cast, app: Flask, sandbox: Sandbox, olga: Person, portal: Portal
) -> None:
    start, number = until_in(olga.open().text), a_record(portal)
    colleague_adds(installed, portal, number)
    use_up_half(app, sandbox, portal)
    answer = olga.post("/records/news", {"until": start})
    assert answer.status_code == 503
    sandbox.advance(int(answer.headers["Retry-After"]) + 1)
    assert f'id="record-{number}"' in olga.post("/records/news", {"until": start}).text


def shown(page: str) -> tuple[list[str], list[str], str]:
    """The customers in the editor, those it was loaded with, and the note."""
    note = re.findall(r"<textarea id=\"note\"[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    return (
        re.findall(r'name="customer" value="([^"]+)"', page),
        re.findall(r'name="base" value="([^"]+)"', page),
        note[0],
    )


def test_show_brings_the_record_as_it_is_now(installed: Cast, olga: Person, portal: Portal) -> None:
    olga.open()
    number = a_record(portal)
    fields = edit(portal, number)
    colleague_adds(installed, portal, number)
    customers, base, note = shown(olga.post(f"/records/{number}/changes", fields).text)
    assert set(customers) == set(base) == set(loaded(portal, number)["base"])
    assert note == fields["note"]


def test_show_keeps_unsaved_changes(installed: Cast, olga: Person, portal: Portal) -> None:
    olga.open()
    number = a_record(portal)
    fields = edit(portal, number)
    mine = [*fields["customer"], "CONTACT:31"]
    colleague_adds(installed, portal, number)
    answer = olga.post(
        f"/records/{number}/changes", {**fields, "customer": mine, "note": "Typed just now"}
    )
    customers, base, note = shown(answer.text)
    assert set(customers) == {*mine, "CONTACT:30"}
    assert set(base) == set(loaded(portal, number)["base"])
    assert note == "Typed just now"
    assert ("CONTACT", 31) not in portal.clients(number)


def test_show_keeps_the_users_version_if_both_changed_the_same(
    olga: Person, portal: Portal
) -> None:
    olga.open()
    number = a_record(portal)
    fields = {**edit(portal, number), "base": ["CONTACT:30", "CONTACT:31", "CONTACT:32"]}
    mine = ["CONTACT:31", "CONTACT:30", "CONTACT:32"]
    portal.records[number].clients.clear()
    for contact in (32, 30, 31):
        link_client(portal, number, "CONTACT", contact)
    answer = olga.post(f"/records/{number}/changes", {**fields, "customer": mine})
    customers, base, _note = shown(answer.text)
    assert customers == mine
    assert base == ["CONTACT:32", "CONTACT:30", "CONTACT:31"]


def test_the_customers_of_a_record_that_is_gone_can_be_kept(olga: Person, portal: Portal) -> None:
    olga.open()
    number = a_record(portal)
    fields = {**edit(portal, number), "note": "Typed in vain?"}
    portal.records[number].deleted = True
    gone = olga.post(f"/records/{number}/save", fields)
    assert gone.status_code == 410
    assert re.search(
        r'form="editor" formaction="/records/new"[^>]*>New record with these customers', gone.text
    )
    page = olga.post("/records/new", fields).text
    assert 'action="/records/new/save"' in page
    assert shown(page) == (fields["customer"], [], "Typed in vain?")
    made = olga.post("/records/new/save", {**fields, "base": [], "base_note": ""})
    assert made.status_code == 200
    newest = max(portal.records)
    assert [f"{kind}:{id}" for kind, id in portal.clients(newest)] == fields["customer"]
    assert portal.records[newest].note == "Typed in vain?"


def test_a_record_that_is_gone_and_was_not_edited_offers_nothing(
    olga: Person, portal: Portal
) -> None:
    olga.open()
    number = a_record(portal)
    portal.records[number].deleted = True
    assert "New record with these customers" not in olga.post(f"/records/{number}").text


def test_damaged_questions_are_refused(olga: Person, portal: Portal) -> None:
    fields = {"until": "0", "record": "1", "base": "PERSON:5"}
    portal.requests.clear()
    assert olga.post("/records/news", fields).status_code == 400
    assert portal.requests == []


def test_open_pages_get_what_was_done_in_a_customers_tab(
    olga: Person, raj: Person, portal: Portal
) -> None:
    start, number = until_in(raj.open().text), a_record(portal)
    olga.open()
    customer = f"{portal.clients(number)[0][0]}:{portal.clients(number)[0][1]}"
    fields = {"customer": customer, "record": str(number)}
    assert olga.post("/card/remove", fields).status_code == 200
    assert f'id="record-{number}"' in raj.post("/records/news", {"until": start}).text
