"""The tab in a deal, and links that lead to a record."""

from __future__ import annotations

import html
import re

import pytest

from sandbox.core.model import ExternalRow
from sandbox.portal.colleague import link_client
from sandbox.portal.portal import Portal
from tests.cast import ADMINISTRATOR, REGULAR_USER, Cast, Person
from tests.web.cards.steps import (
    PICK,
    deal_customers,
    deal_undo_fields,
    linked_deal,
    linked_to,
    linking,
    open_deal,
)
from tests.web.steps import customer_keys, writes

TICKED = re.compile(r'type="checkbox"[^>]* name="customer" value="([^"]+)" checked')
CHOSEN = re.compile(r'id="chosen" name="record"[^>]* value="(\d*)"')


def test_the_customers_of_the_deal_are_selected_the_main_one_first(
    raj: Person, portal: Portal, deal: int
) -> None:
    page = open_deal(raj, deal)
    assert "Customers of this deal" in page
    assert TICKED.findall(page) == deal_customers(portal, deal)
    assert CHOSEN.findall(page) == [""]
    assert PICK.findall(page) == ["new"]
    assert len(portal.requests) == 2


def test_a_deal_that_is_on_a_record_proposes_that_record(raj: Person, portal: Portal) -> None:
    deal = linked_deal(portal)
    page = open_deal(raj, deal)
    (record,) = linked_to(portal, deal)
    assert CHOSEN.findall(page) == [str(record)]
    assert PICK.findall(page) == ["new", str(record)]
    assert len(portal.requests) == 2


def test_a_stale_mirror_proposes_no_record_that_the_deal_has_left(
    raj: Person, portal: Portal
) -> None:
    deal = linked_deal(portal)
    (record,) = linked_to(portal, deal)
    portal.records[record].external = []
    assert CHOSEN.findall(open_deal(raj, deal)) == [""]


def test_a_new_record_gets_the_customers_before_the_link(
    raj: Person, portal: Portal, deal: int
) -> None:
    people, before = deal_customers(portal, deal), set(portal.records)
    open_deal(raj, deal)
    portal.requests.clear()
    answer = raj.post("/card/deal/put", {**linking(deal), "customer": people, "record": ""})
    assert answer.status_code == 200
    assert "Saved." in answer.text
    (record,) = set(portal.records) - before
    assert customer_keys(portal, record) == people
    assert linked_to(portal, deal) == [record]
    assert portal.records[record].updated_by == REGULAR_USER
    assert writes(portal) == [
        "booking.v1.waitlist.add",
        "booking.v1.waitlist.client.set",
        "booking.v1.waitlist.externalData.set",
    ]
    undone = raj.post("/card/deal/undo", deal_undo_fields(answer.text, deal))
    assert "Undone." in undone.text
    assert set(portal.records) == before


def test_customers_are_added_to_those_on_a_record(
    raj: Person, portal: Portal, deal: int, record: int
) -> None:
    people, before = deal_customers(portal, deal), customer_keys(portal, record)
    portal.records[record].external = [ExternalRow("crm", "DEAL", "1"), ExternalRow("x", "Y", "z")]
    fields = {**linking(deal), "customer": people, "record": str(record), "all": people}
    answer = raj.post("/card/deal/put", fields)
    assert "Saved." in answer.text
    assert set(customer_keys(portal, record)) == {*before, *people}
    assert customer_keys(portal, record)[: len(before)] == before
    assert [row.value for row in portal.records[record].external] == ["1", "z", str(deal)]
    assert "already on this record" in answer.text

    undone = raj.post("/card/deal/undo", deal_undo_fields(answer.text, deal))
    assert "Undone." in undone.text
    assert customer_keys(portal, record) == before
    assert [row.value for row in portal.records[record].external] == ["1", "z"]


def test_a_deal_is_linked_only_if_the_user_wants_that(
    raj: Person, portal: Portal, deal: int, record: int
) -> None:
    people, before = deal_customers(portal, deal), set(portal.records)
    note = {"note": "After 16:00"}
    answer = raj.post("/card/deal/put", {"deal": str(deal), "customer": people, **note})
    assert "Saved." in answer.text
    (made,) = set(portal.records) - before
    assert customer_keys(portal, made) == people
    assert portal.records[made].note == "After 16:00"
    undone = raj.post("/card/deal/undo", deal_undo_fields(answer.text, deal))
    assert "Undone." in undone.text
    assert set(portal.records) == before
    fields = {"deal": str(deal), "customer": people, "record": str(record)}
    assert "Saved." in raj.post("/card/deal/put", fields).text
    assert set(people) <= set(customer_keys(portal, record))
    again = raj.post("/card/deal/put", fields).text
    assert "They are already on this record." in again
    assert linked_to(portal, deal) == []


def test_a_note_that_is_too_long_is_refused_before_a_record_is_created(
    raj: Person, portal: Portal, deal: int
) -> None:
    fields = {"deal": str(deal), "customer": deal_customers(portal, deal), "note": "x" * 10_001}
    assert raj.post("/card/deal/put", fields).status_code == 422
    assert writes(portal) == []


def test_an_empty_record_is_not_filled_by_its_deal_when_undone(
    raj: Person, portal: Portal, deal: int
) -> None:
    record = next(n for n, item in portal.records.items() if not item.clients and not item.external)
    fields = {**linking(deal), "customer": deal_customers(portal, deal), "record": str(record)}
    answer = raj.post("/card/deal/put", fields)
    raj.post("/card/deal/undo", deal_undo_fields(answer.text, deal))
    assert portal.clients(record) == []
    assert portal.records[record].external == []


def test_replacing_removes_the_others_except_customers_without_access(
    raj: Person, portal: Portal, deal: int, record: int
) -> None:
    people = deal_customers(portal, deal)
    hidden = f"CONTACT:{portal.user(REGULAR_USER).hidden_contacts[-1]}"
    link_client(portal, record, "CONTACT", int(hidden.partition(":")[2]))
    base = customer_keys(portal, record)
    fields = {
        **linking(deal),
        "customer": people[:1],
        "record": str(record),
        "replace": "1",
        "base": base,
    }
    assert raj.post("/card/deal/put", fields).status_code == 200
    assert set(customer_keys(portal, record)) == {people[0], hidden}


def test_customers_added_meanwhile_are_not_replaced(
    raj: Person, portal: Portal, deal: int, record: int
) -> None:
    people, base = deal_customers(portal, deal), customer_keys(portal, record)
    link_client(portal, record, "CONTACT", 77)
    fields = {**linking(deal), "customer": people, "record": str(record), "replace": "1"}
    raj.post("/card/deal/put", {**fields, "base": base})
    assert set(customer_keys(portal, record)) == {*people, "CONTACT:77"}


def test_customers_on_the_record_are_not_sent_again(raj: Person, portal: Portal, deal: int) -> None:
    people = deal_customers(portal, deal)
    raj.post("/card/deal/put", {**linking(deal), "customer": people})
    (record,) = linked_to(portal, deal)
    page = open_deal(raj, deal)
    assert "They are already on this record." in page
    assert re.search(r'id="put"[^>]* disabled', page)
    portal.requests.clear()
    fields = {**linking(deal), "customer": people, "record": str(record)}
    answer = raj.post("/card/deal/put", fields)
    assert "already on this record" in answer.text
    assert 'id="undo"' not in answer.text
    assert writes(portal) == []


def test_a_failed_link_is_reported_and_the_customers_stay(
    raj: Person, portal: Portal, deal: int, record: int
) -> None:
    portal.faults.add(
        "error", "booking.v1.waitlist.externalData.set", code="1035", description="x", count=1
    )
    fields = {**linking(deal), "customer": deal_customers(portal, deal), "record": str(record)}
    answer = raj.post("/card/deal/put", fields)
    assert "the deal could not be linked" in answer.text
    assert "Saved." in answer.text
    assert set(deal_customers(portal, deal)) <= set(customer_keys(portal, record))
    assert linked_to(portal, deal) == []


def test_a_link_whose_answer_is_lost_is_read_back(
    raj: Person, portal: Portal, deal: int, record: int
) -> None:
    portal.faults.add("drop_after", "booking.v1.waitlist.externalData.set", count=1)
    fields = {**linking(deal), "customer": deal_customers(portal, deal), "record": str(record)}
    answer = raj.post("/card/deal/put", fields)
    assert answer.status_code == 200
    assert 'name="linked"' in answer.text
    assert linked_to(portal, deal) == [record]


def test_customers_without_access_are_shown_but_not_added(
    raj: Person, portal: Portal, deal: int
) -> None:
    hidden = portal.user(REGULAR_USER).hidden_contacts[0]
    portal.state.deals[deal].fields["contactIds"][1] = hidden
    page = open_deal(raj, deal)
    assert f"CONTACT:{hidden}" not in TICKED.findall(page)
    assert "no access" in page
    fields = {**linking(deal), "customer": f"CONTACT:{hidden}"}
    answer = raj.post("/card/deal/put", fields)
    assert answer.status_code == 422
    assert linked_to(portal, deal) == []


def test_a_deal_without_customers_says_what_to_do(raj: Person, portal: Portal, deal: int) -> None:
    portal.state.deals[deal].fields |= {"contactIds": [], "companyId": 0}
    page = open_deal(raj, deal)
    assert "This deal has no customers." in page
    assert 'id="put"' not in page


@pytest.mark.parametrize("number", ["hidden", "99999"])
def test_a_deal_without_access_is_not_changed(
    raj: Person, portal: Portal, record: int, number: str
) -> None:
    hidden = portal.user(REGULAR_USER).hidden_deals[0]
    number = str(hidden) if number == "hidden" else number
    response = raj.open(placement="CRM_DEAL_DETAIL_TAB", options={"ID": number})
    assert response.status_code == 403
    assert "You don't have access to this deal in CRM." in html.unescape(response.text)
    raj.open()
    portal.requests.clear()
    fields = {**linking(int(number)), "customer": "CONTACT:1", "record": str(record)}
    assert raj.post("/card/deal/put", fields).status_code == 403
    assert raj.post("/card/deal/undo", {**fields, "change": "1"}).status_code == 403
    assert writes(portal) == []


@pytest.mark.parametrize("options", [None, {"ID": "0"}, {"ID": "x"}, {"ID": "9" * 30}, {"ID": []}])
def test_a_deal_without_a_number_asks_to_be_saved(raj: Person, options: object) -> None:
    response = raj.open(placement="CRM_DEAL_DETAIL_TAB", options=options)
    assert "This card has not been saved yet" in response.text


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 400),
        ({"deal": "x", "customer": "CONTACT:1"}, 400),
        ({"deal": "1", "customer": "LEAD:1"}, 400),
        ({"deal": "1"}, 422),
        ({"deal": "1", "record": "2"}, 422),
    ],
)
def test_a_damaged_form_changes_nothing(
    raj: Person, portal: Portal, fields: dict[str, str], status: int
) -> None:
    assert raj.post("/card/deal/put", fields).status_code == status
    assert writes(portal) == []


def test_the_history_of_another_record_cannot_be_undone(
    raj: Person, portal: Portal, deal: int, record: int
) -> None:
    fields = {"deal": str(deal), "record": str(record), "change": "9999", "linked": "1"}
    assert raj.post("/card/deal/undo", fields).status_code == 404
    assert writes(portal) == []


def test_every_record_can_be_chosen(raj: Person, portal: Portal, deal: int) -> None:
    people = deal_customers(portal, deal)
    link_client(portal, next(iter(portal.records)), *_split(people[0]))
    theirs = [
        record for record in portal.records if set(people) & set(customer_keys(portal, record))
    ]
    answer = raj.post("/card/deal/records", {"deal": str(deal), "all": people})
    options = PICK.findall(answer.text)
    assert options[0] == "new"
    assert options[1 : 1 + len(theirs)] == [str(record) for record in sorted(theirs, reverse=True)]
    assert len(options) == len(portal.records) + 1
    assert "already on it: " in answer.text


def test_a_failing_portal_is_reported_on_the_tab(raj: Person, portal: Portal, deal: int) -> None:
    portal.faults.add("server_error", "crm.deal.contact.items.get", count=9)
    page = open_deal(raj, deal)
    assert 'role="alert"' in page
    portal.faults.clear()
    again = raj.submit("/card/deal", {"deal": str(deal)}).text
    assert TICKED.findall(again) == deal_customers(portal, deal)


def test_an_administrators_tab_is_the_same(installed: Cast, portal: Portal) -> None:
    hidden = portal.user(REGULAR_USER).hidden_deals[0]
    page = open_deal(installed.administrator, hidden)
    assert TICKED.findall(page) == deal_customers(portal, hidden)
    assert {request.user_id for request in portal.requests} == {ADMINISTRATOR}


def test_a_link_to_a_record_opens_it_in_the_portal(raj: Person, portal: Portal) -> None:
    record = next(iter(portal.records))
    portal.requests.clear()
    text = html.unescape(raj.post(f"/records/{record}/link").text)
    assert [request.method for request in portal.requests] == ["app.info"]
    code = portal.app_code
    assert f'value="{portal.url}/marketplace/view/{code}/?params[record]={record}"' in text
    page = raj.open(placement="REST_APP_URI", options={"record": str(record), "URI": "/x/"})
    assert page.status_code == 200
    assert f'data-record="{record}"' in page.text
    assert page.text.count('role="option"') == len(portal.records)


@pytest.mark.parametrize("value", ["", "0", "-1", "x", "9" * 30, "1e3", None, ["1"], "../1"])
def test_a_link_that_names_no_record_opens_the_list(raj: Person, value: object) -> None:
    page = raj.open(placement="REST_APP_URI", options={"record": value})
    assert page.status_code == 200
    assert not re.search(r'data-record="\d', page.text)


def test_options_of_other_places_open_no_record(raj: Person, portal: Portal) -> None:
    page = raj.open(options={"record": str(next(iter(portal.records)))})
    assert not re.search(r'data-record="\d', page.text)


def test_a_link_to_a_record_that_is_gone_says_so_beside_the_list(
    raj: Person, portal: Portal
) -> None:
    page = raj.open(placement="REST_APP_URI", options={"record": "99999"})
    assert page.status_code == 410
    assert "no longer exists" in page.text
    assert page.text.count('role="option"') == len(portal.records)


def _split(key: str) -> tuple[str, int]:
    kind, _, number = key.partition(":")
    return kind, int(number)
