"""The tab in the card of a contact or a company."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask

from sandbox.portal.colleague import link_client
from sandbox.portal.portal import Portal
from tests.cast import ADMINISTRATOR, REGULAR_USER, Cast, Person
from tests.web.cards.steps import (
    PLACES,
    customer_undo_fields,
    name_of,
    on_records,
    open_card,
    records_of,
    text_of,
)
from tests.web.steps import days_waited, writes
from web.services import services_of

ROW = re.compile(r'<li id="row-(\d+)"[^>]*?( hidden)?>')


def rows(page: str) -> list[int]:
    return [int(number) for number, hidden in ROW.findall(page) if not hidden]


@pytest.mark.parametrize(("kind", "count"), [("CONTACT", 0), ("CONTACT", 1), ("COMPANY", 1)])
def test_the_tab_shows_the_records_of_its_customer(
    raj: Person, portal: Portal, kind: str, count: int
) -> None:
    key = on_records(portal, count, kind)
    page = open_card(raj, key)
    assert rows(page) == records_of(portal, key)
    name = name_of(portal, key)
    said = f"{name} waits on 1 record" if count else f"{name} isn't on the waiting list."
    assert said in text_of(page, "count")
    assert "<h2" not in page.partition("<template")[0]


@pytest.mark.parametrize("known", [True, False])
def test_opening_the_tab_is_two_requests(
    app: Flask, raj: Person, portal: Portal, known: bool
) -> None:
    # The pages opened during the installation have read every record.
    if not known:
        services_of(app).last_seen.save_all(portal.member_id, {})
    key = on_records(portal, 1)
    assert rows(open_card(raj, key)) == records_of(portal, key)
    assert len(portal.requests) <= 2


def test_names_notes_and_ages_are_shown_at_once(raj: Person, portal: Portal) -> None:
    record = next(
        number
        for number in sorted(portal.records)
        if len(portal.clients(number)) == 2
        and portal.records[number].note
        and days_waited(portal, number) > 1
        and not {id for _, id in portal.clients(number)} & set(portal.user(2).hidden_contacts)
        and portal.clients(number)[0][0] == portal.clients(number)[1][0] == "CONTACT"
    )
    (_, mine), (_, other) = portal.clients(record)
    # Midnight may pass before the page is complete.
    earlier = days_waited(portal, record)
    page = open_card(raj, f"CONTACT:{mine}")
    later = days_waited(portal, record)
    assert str(portal.state.contacts[other].fields["lastName"]) in page
    assert " ".join((portal.records[record].note or "").split())[:20] in page
    ages = {f"{days // 7} weeks" if days >= 60 else f"{days} days" for days in (earlier, later)}
    assert any(f">{age}</span>" in page for age in ages)
    main, theirs = (name_of(portal, f"CONTACT:{id}") for id in (mine, other))
    assert f"With {theirs}" in text_of(page, f"row-{record}")
    assert f"{main} is the main customer" in text_of(page, f"row-{record}")


def test_a_record_without_others_says_that_its_customer_is_alone(
    raj: Person, portal: Portal
) -> None:
    alone = next(
        number
        for number in portal.records
        if len(portal.clients(number)) == 1
        and portal.clients(number)[0][1] not in portal.user(REGULAR_USER).hidden_contacts
    )
    ((kind, id),) = portal.clients(alone)
    portal.records[alone].note = "After 16:00"
    page = open_card(raj, f"{kind}:{id}")
    assert "Alone After 16:00" in text_of(page, f"row-{alone}")
    portal.records[alone].note = ""
    page = open_card(raj, f"{kind}:{id}")
    assert f"Alone Record #{alone}" in text_of(page, f"row-{alone}")


def test_several_others_are_joined_as_a_sentence(raj: Person, portal: Portal) -> None:
    hidden = portal.user(REGULAR_USER).hidden_contacts
    first, second, third = [id for id in portal.state.contacts if id not in hidden][:3]
    record = next(iter(portal.records))
    portal.records[record].clients = []
    for id in (second, first, third):
        link_client(portal, record, "CONTACT", id)
    page = open_card(raj, f"CONTACT:{first}")
    names = [name_of(portal, f"CONTACT:{id}") for id in (second, third)]
    assert f"With {names[0]} and {names[1]}" in text_of(page, f"row-{record}")
    assert f"{names[0]} is the main customer" in text_of(page, f"row-{record}")


def test_a_record_that_the_customer_left_is_not_shown_from_a_stale_mirror(
    raj: Person, portal: Portal
) -> None:
    key = on_records(portal, 1)
    (record,) = records_of(portal, key)
    portal.records[record].clients = []
    page = open_card(raj, key)
    assert rows(page) == []
    assert len(portal.requests) <= 2


def test_a_record_that_the_mirror_misses_is_known_from_earlier_reads(
    raj: Person, portal: Portal
) -> None:
    key = on_records(portal, 1)
    (record,) = records_of(portal, key)
    del portal.state.activities[record]
    assert rows(open_card(raj, key)) == [record]
    assert len(portal.requests) <= 2


def test_a_record_that_is_gone_is_forgotten(raj: Person, portal: Portal) -> None:
    key = on_records(portal, 1)
    (record,) = records_of(portal, key)
    portal.state.records[record].deleted = True
    assert rows(open_card(raj, key)) == []
    assert portal.requests[0].methods.count("booking.v1.waitlist.get") == 1
    open_card(raj, key)
    assert "booking.v1.waitlist.get" not in portal.requests[0].methods


def test_adding_to_a_record_is_two_requests_and_keeps_the_others(
    raj: Person, portal: Portal
) -> None:
    key = on_records(portal, 0)
    record = next(number for number in portal.records if len(portal.clients(number)) == 2)
    open_card(raj, key)
    picks = raj.post("/card/records", {"customer": key})
    assert picks.text.count('role="option"') == len(portal.records)
    before = portal.clients(record)
    portal.requests.clear()
    answer = raj.post("/card/add", {"customer": key, "record": str(record)})
    assert [request.method for request in portal.requests] == ["batch", "batch"]
    assert "Saved." in answer.text
    assert "waits on 1 record" in text_of(answer.text, "count")
    assert rows(answer.text) == [record]
    assert portal.clients(record) == [*before, ("CONTACT", int(key.partition(":")[2]))]
    assert portal.records[record].updated_by == REGULAR_USER

    undone = raj.post("/card/undo", customer_undo_fields(answer.text, key))
    assert "Undone." in undone.text
    assert rows(undone.text) == []
    assert portal.clients(record) == before


def test_adding_a_customer_again_sends_nothing(raj: Person, portal: Portal) -> None:
    key = on_records(portal, 1)
    (record,) = records_of(portal, key)
    open_card(raj, key)
    answer = raj.post("/card/add", {"customer": key, "record": str(record)})
    assert "Nothing to change." in answer.text
    assert 'form="undo"' not in answer.text
    assert writes(portal) == []


def test_undoing_a_new_record_removes_it(raj: Person, portal: Portal) -> None:
    key, before = on_records(portal, 0), set(portal.records)
    open_card(raj, key)
    answer = raj.post("/card/create", {"customer": key, "note": "After $five\r\no'clock"})
    (record,) = set(portal.records) - before
    assert rows(answer.text) == [record]
    assert portal.records[record].note == "After $five\no'clock"
    assert records_of(portal, key) == [record]
    undone = raj.post("/card/undo", customer_undo_fields(answer.text, key))
    assert "Undone." in undone.text
    assert rows(undone.text) == []
    assert set(portal.records) == before


def test_a_new_record_that_got_another_customer_is_not_removed(raj: Person, portal: Portal) -> None:
    key, before = on_records(portal, 0), set(portal.records)
    open_card(raj, key)
    answer = raj.post("/card/create", {"customer": key})
    (record,) = set(portal.records) - before
    link_client(portal, record, "CONTACT", 3)
    raj.post("/card/undo", customer_undo_fields(answer.text, key))
    assert portal.clients(record) == [("CONTACT", 3)]


def test_a_new_record_whose_note_was_changed_is_not_removed(raj: Person, portal: Portal) -> None:
    key, before = on_records(portal, 0), set(portal.records)
    open_card(raj, key)
    answer = raj.post("/card/create", {"customer": key, "note": "Soon"})
    (record,) = set(portal.records) - before
    portal.records[record].note = "Written by a colleague"
    raj.post("/card/undo", customer_undo_fields(answer.text, key))
    assert portal.records[record].note == "Written by a colleague"
    assert portal.clients(record) == []


def test_only_its_creator_removes_a_record_by_undoing(
    installed: Cast, raj: Person, portal: Portal
) -> None:
    key, before = on_records(portal, 0), set(portal.records)
    open_card(raj, key)
    answer = raj.post("/card/create", {"customer": key})
    (record,) = set(portal.records) - before
    installed.administrator.post("/card/undo", customer_undo_fields(answer.text, key))
    assert record in portal.records
    assert portal.clients(record) == []


def test_removing_leaves_the_others_and_can_be_undone(raj: Person, portal: Portal) -> None:
    record = next(number for number in portal.records if len(portal.clients(number)) == 3)
    before = portal.clients(record)
    mine = next(one for one in before if one[1] not in portal.user(2).hidden_contacts)
    key = f"{mine[0]}:{mine[1]}"
    page = open_card(raj, key)
    on = [str(number) for number in rows(page)]
    portal.requests.clear()
    answer = raj.post("/card/remove", {"customer": key, "record": str(record), "on": on})
    assert len(portal.requests) <= 3
    assert record not in rows(answer.text)
    assert set(portal.clients(record)) == set(before) - {mine}
    undone = raj.post("/card/undo", {**customer_undo_fields(answer.text, key), "on": on})
    assert record in rows(undone.text)
    assert set(portal.clients(record)) == set(before)


def test_removing_twice_changes_nothing_the_second_time(raj: Person, portal: Portal) -> None:
    key = on_records(portal, 1)
    (record,) = records_of(portal, key)
    open_card(raj, key)
    fields = {"customer": key, "record": str(record)}
    raj.post("/card/remove", fields)
    portal.requests.clear()
    assert "Nothing to change." in raj.post("/card/remove", fields).text
    assert writes(portal) == []


def test_selected_contacts_of_a_company_are_added_with_it(raj: Person, portal: Portal) -> None:
    contact = next(
        item
        for item in portal.state.contacts.values()
        if item.fields["companyId"] and item.id not in portal.user(REGULAR_USER).hidden_contacts
    )
    company = contact.fields["companyId"]
    page = open_card(raj, f"COMPANY:{company}")
    assert f'name="person" value="CONTACT:{contact.id}"' in page
    before = set(portal.records)
    raj.post("/card/create", {"customer": f"COMPANY:{company}", "person": f"CONTACT:{contact.id}"})
    (record,) = set(portal.records) - before
    assert portal.clients(record) == [("CONTACT", contact.id), ("COMPANY", company)]


@pytest.mark.parametrize(
    "options",
    [
        None,
        {"ID": "0"},
        {"ID": ""},
        {"ID": "-4"},
        {"ID": "12 or 1=1"},
        {"ID": "9" * 40},
        {"ID": "1e3"},
        {"ID": ["1"]},
        {"ID": {"1": "1"}},
        {"id": "1"},
    ],
)
def test_a_card_without_a_number_asks_to_be_saved(raj: Person, options: object) -> None:
    response = raj.open(placement=PLACES["CONTACT"], options=options)
    assert response.status_code == 200
    assert "This card has not been saved yet" in response.text


@pytest.mark.parametrize("text", ["", "[]", '"x"', "nonsense", "[" * 3000, "x" * 20_000])
def test_malformed_placement_options_do_no_harm(raj: Person, text: str) -> None:
    launch = raj.launch(placement=PLACES["CONTACT"], options={"ID": "1"})
    response = raj.post_launch(launch, PLACEMENT_OPTIONS=text)
    assert response.status_code == 200
    assert "This card has not been saved yet" in response.text


@pytest.mark.parametrize("sign", ["x", "\u0436", "/"])
def test_the_address_of_the_page_may_be_long(raj: Person, portal: Portal, sign: str) -> None:
    key = on_records(portal, 1)
    address = f"/crm/contact/details/?back={sign * 9000}"
    options = {"ID": key.partition(":")[2], "URI": address}
    page = raj.open(placement=PLACES["CONTACT"], options=options).text
    assert rows(page) == records_of(portal, key)


@pytest.mark.parametrize("number", ["999999", "hidden"])
def test_a_customer_without_access_is_not_looked_up(
    raj: Person, portal: Portal, number: str
) -> None:
    hidden = next(
        id
        for id in portal.user(REGULAR_USER).hidden_contacts
        if records_of(portal, f"CONTACT:{id}")
    )
    number = str(hidden) if number == "hidden" else number
    response = raj.open(placement=PLACES["CONTACT"], options={"ID": number})
    assert response.status_code == 403
    assert "You don't have access to this customer in CRM." in unescape(response.text)
    assert "row-" not in response.text
    answer = raj.post("/card/add", {"customer": f"CONTACT:{number}", "record": "1"})
    assert answer.status_code in {401, 422}
    assert writes(portal) == []


def test_a_forged_customer_cannot_be_added(raj: Person, portal: Portal) -> None:
    hidden = portal.user(REGULAR_USER).hidden_contacts[-1]
    open_card(raj, on_records(portal, 1))
    for path in ("/card/add", "/card/create"):
        fields = {"customer": f"CONTACT:{hidden}", "record": "2"}
        answer = raj.post(path, fields)
        assert answer.status_code == 422
        assert "Nothing was saved" in answer.text
    assert writes(portal) == []


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"customer": "CONTACT:x", "record": "1"},
        {"customer": ["CONTACT:1", "CONTACT:2"], "record": "1"},
        {"customer": "CONTACT:1"},
        {"customer": "CONTACT:1", "record": "-1"},
        {"customer": "CONTACT:1", "record": "x"},
        {"customer": "CONTACT:1", "record": "1", "person": "LEAD:1"},
    ],
)
def test_a_damaged_form_is_refused(raj: Person, portal: Portal, fields: dict[str, str]) -> None:
    assert raj.post("/card/add", fields).status_code == 400
    assert portal.requests == []


def test_a_failing_portal_is_reported_on_the_tab(raj: Person, portal: Portal) -> None:
    key = on_records(portal, 1)
    portal.faults.add("server_error", "crm.activity.list", count=9)
    page = open_card(raj, key)
    assert 'role="alert"' in page
    assert "Try again" in page
    portal.faults.clear()
    again = raj.submit("/card/contact", {"customer": key})
    assert rows(again.text) == records_of(portal, key)


def test_a_record_that_is_gone_is_reported(raj: Person, portal: Portal) -> None:
    key = on_records(portal, 1)
    (record,) = records_of(portal, key)
    open_card(raj, key)
    del portal.state.records[record]
    answer = raj.post("/card/remove", {"customer": key, "record": str(record)})
    assert answer.status_code == 410
    assert "no longer exists" in answer.text


def test_an_administrators_tab_is_the_same(installed: Cast, portal: Portal) -> None:
    key = on_records(portal, 1)
    assert rows(open_card(installed.administrator, key)) == records_of(portal, key)
    assert {request.user_id for request in portal.requests} == {ADMINISTRATOR}
