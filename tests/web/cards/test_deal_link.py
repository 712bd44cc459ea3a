"""Putting the customers of a deal on a record: what it costs, and the link to the deal.

The link is made after the customers are saved, and loses nothing.
"""

from __future__ import annotations

from html import unescape

import pytest
from flask import Flask
from msgspec import to_builtins

from sandbox.core.model import ExternalRow
from sandbox.portal.colleague import link_client
from sandbox.portal.portal import Portal
from store.pending.writes import State
from tests.cast import Person
from tests.web.cards.steps import (
    deal_customers,
    deal_undo_fields,
    linked_deal,
    linked_to,
    open_deal,
)
from tests.web.steps import customer_keys, customer_writes, forget_customers, let_pass, until_in
from waitlist.pending_writes import FIRST_CHECK, HORIZON
from waitlist.sources.links import link_list
from web.services import services_of

CUSTOMERS = "booking.v1.waitlist.client.set"
LINK = "booking.v1.waitlist.externalData.set"
LINKS = "booking.v1.waitlist.externalData.list"
UNLINK = "booking.v1.waitlist.externalData.unset"


@pytest.fixture
def forgetful(app: Flask) -> None:
    """Let another process of the app answer than the one that read the list."""
    forget_customers(app)


def put(person: Person, deal: int, number: int | None, **more: str | list[str]) -> str:
    """Press *Put on the waiting list*; requests count from here."""
    people = deal_customers(person.portal, deal)
    person.portal.requests.clear()
    fields = {"deal": str(deal), "customer": people, "all": people, "record": str(number or "")}
    return person.post("/card/deal/put", {**fields, "link": "1", **more}).text


def asked(portal: Portal) -> list[str]:
    """The HTTP requests to the portal, one after the other."""
    return [request.method for request in portal.requests]


@pytest.mark.parametrize("linked", [True, False])
def test_opening_the_tab_is_two_requests(
    raj: Person, portal: Portal, deal: int, record: int, linked: bool
) -> None:
    if linked:
        put(raj, deal, record)
    open_deal(raj, deal)
    assert asked(portal) == ["batch", "batch"]


def test_the_list_to_choose_from_costs_what_the_main_page_does(
    raj: Person, portal: Portal, deal: int
) -> None:
    portal.requests.clear()
    raj.post("/card/deal/records", {"deal": str(deal), "all": deal_customers(portal, deal)})
    assert len(asked(portal)) <= 5


@pytest.mark.usefixtures("forgetful")
def test_adding_to_a_record_is_two_requests(
    raj: Person, portal: Portal, deal: int, record: int
) -> None:
    assert "Saved." in put(raj, deal, record)
    assert asked(portal) == ["batch", "batch"]
    assert portal.requests[1].methods[:2] == [CUSTOMERS, LINK]
    assert set(deal_customers(portal, deal)) <= set(customer_keys(portal, record))
    assert linked_to(portal, deal) == [record]


@pytest.mark.usefixtures("forgetful")
def test_a_new_record_is_three_requests(raj: Person, portal: Portal, deal: int) -> None:
    # One batch could create and fill the record. But if its answer got lost, the record's ID would
    # be lost, too, and nothing could be read back.
    assert "Saved." in put(raj, deal, None)
    assert asked(portal) == ["batch", "batch", "batch"]
    assert portal.requests[2].methods[:2] == [CUSTOMERS, LINK]


def test_a_record_with_all_customers_is_only_linked(
    raj: Person, portal: Portal, deal: int, record: int
) -> None:
    for key in deal_customers(portal, deal):
        kind, _, number = key.partition(":")
        link_client(portal, record, kind, int(number))
    assert "Saved." in put(raj, deal, record)
    assert asked(portal) == ["batch", LINK]
    assert linked_to(portal, deal) == [record]


def test_a_linked_record_with_all_customers_is_only_read(
    raj: Person, portal: Portal, deal: int
) -> None:
    put(raj, deal, None)
    (number,) = linked_to(portal, deal)
    assert 'name="linked"' not in put(raj, deal, number)
    assert asked(portal) == ["batch"]


def test_an_empty_record_gets_only_selected_customers(
    raj: Person, portal: Portal, deal: int
) -> None:
    number = next(n for n, item in portal.records.items() if not item.clients and not item.external)
    first = deal_customers(portal, deal)[0]
    put(raj, deal, number, customer=first)
    assert customer_keys(portal, number) == [first]
    assert linked_to(portal, deal) == [number]


@pytest.mark.parametrize("number", [None, "a record"])
def test_a_deal_is_not_linked_if_its_customers_cannot_be_saved(
    raj: Person, portal: Portal, deal: int, record: int, number: object
) -> None:
    portal.faults.add("feature_off", CUSTOMERS, feature="booking")
    before = set(portal.records)
    assert "plan" in put(raj, deal, record if number else None)
    assert customer_writes(portal) == [CUSTOMERS]
    assert linked_to(portal, deal) == []
    assert set(portal.records) == before


def test_a_deal_is_linked_after_its_customers_if_others_write_at_the_same_time(
    raj: Person, portal: Portal, deal: int, record: int
) -> None:
    other = ExternalRow("crm", "DEAL", "1")
    portal.records[record].external = [other]
    race = [["CONTACT", int(deal_customers(portal, deal)[0].partition(":")[2])]]
    portal.faults.add("colleague_race", CUSTOMERS, count=1, clients=race)
    assert "Saved." in put(raj, deal, record)
    assert customer_writes(portal) == [CUSTOMERS, CUSTOMERS, LINK]
    assert set(deal_customers(portal, deal)) <= set(customer_keys(portal, record))
    assert portal.records[record].external == [other, ExternalRow("crm", "DEAL", str(deal))]


@pytest.mark.parametrize("fault", ["drop_after", "drop_before"])
@pytest.mark.parametrize("method", [CUSTOMERS, LINK])
def test_a_lost_answer_is_read_back_and_nothing_is_linked_twice(
    app: Flask, raj: Person, portal: Portal, deal: int, record: int, fault: str, method: str
) -> None:
    other = ExternalRow("crm", "DEAL", "1")
    portal.records[record].external = [other]
    portal.faults.add(fault, method, count=1)
    text = put(raj, deal, record)
    if fault == "drop_before":
        assert "We can't tell whether it was done." in unescape(text)
        let_pass(app, HORIZON)
        text = put(raj, deal, record)
    assert "Saved." in text
    assert 'name="linked"' in text
    assert set(deal_customers(portal, deal)) <= set(customer_keys(portal, record))
    assert portal.records[record].external == [other, ExternalRow("crm", "DEAL", str(deal))]
    if fault == "drop_after":
        assert asked(portal).count("batch") == 3


@pytest.mark.parametrize("value", ["$result[clients]", "$ 5", "ü & = [x]", ""])
def test_existing_links_of_a_record_are_kept_as_they_are(
    raj: Person, portal: Portal, deal: int, record: int, value: str
) -> None:
    other = ExternalRow("another.app", "ORDER", value)
    portal.records[record].external = [other]
    assert 'name="linked"' in put(raj, deal, record)
    assert portal.records[record].external == [other, ExternalRow("crm", "DEAL", str(deal))]


def test_an_empty_link_is_sent_back_empty() -> None:
    # A portal returns null for an empty text, but does not accept null.
    row = {"moduleId": "another.app", "entityTypeId": "ORDER", "value": None}
    links = link_list(1).read({"externalData": [row]})
    assert to_builtins(links) == [{**row, "value": ""}]


def test_unreadable_links_do_not_keep_customers_off_the_record(
    raj: Person, portal: Portal, deal: int, record: int
) -> None:
    other = ExternalRow("crm", "DEAL", "1")
    portal.records[record].external = [other]
    portal.faults.add("error", LINKS, code="1035", description="x", count=1)
    assert 'name="linked"' in put(raj, deal, record)
    assert portal.records[record].external == [other, ExternalRow("crm", "DEAL", str(deal))]


def test_undo_leaves_a_link_that_was_there_before(raj: Person, portal: Portal) -> None:
    deal = linked_deal(portal)
    (number,) = linked_to(portal, deal)
    before = customer_keys(portal, number)
    contact = next(
        f"CONTACT:{id}"
        for id in portal.state.contacts
        if f"CONTACT:{id}" not in before and id not in portal.user(raj.user_id).hidden_contacts
    )
    text = put(raj, deal, number, customer=[contact])
    raj.post("/card/deal/undo", deal_undo_fields(text, deal))
    assert customer_keys(portal, number) == before
    assert linked_to(portal, deal) == [number]


@pytest.mark.parametrize("others", [[], [ExternalRow("crm", "DEAL", "1")]])
@pytest.mark.parametrize(("fault", "done"), [("drop_after", True), ("drop_before", False)])
def test_undo_reads_back_whether_a_deal_was_unlinked(
    app: Flask,
    raj: Person,
    portal: Portal,
    deal: int,
    record: int,
    others: list[ExternalRow],
    fault: str,
    done: bool,
) -> None:
    portal.records[record].external = list(others)
    before = customer_keys(portal, record)
    fields = deal_undo_fields(put(raj, deal, record), deal)
    portal.faults.add(fault, LINK if others else UNLINK, count=1)
    answer = raj.post("/card/deal/undo", fields).text
    assert ("Undone." in answer) == done
    assert ("We can't tell whether it was done." in unescape(answer)) != done
    assert (customer_keys(portal, record) == before) == done
    assert (portal.records[record].external == others) == done
    let_pass(app, HORIZON)
    raj.post("/card/deal/undo", fields)
    assert customer_keys(portal, record) == before


def test_an_undo_that_only_unlinked_the_deal_says_so(
    raj: Person, portal: Portal, deal: int, record: int
) -> None:
    before = customer_keys(portal, record)
    fields = deal_undo_fields(put(raj, deal, record), deal)
    portal.faults.add("feature_off", "booking.v1.waitlist.client.*")
    answer = raj.post("/card/deal/undo", fields).text
    assert "The deal is unlinked, but its customers are still on the record." in answer
    assert linked_to(portal, deal) == []
    assert set(deal_customers(portal, deal)) <= set(customer_keys(portal, record))
    portal.faults.clear()
    raj.post("/card/deal/undo", fields)
    assert customer_keys(portal, record) == before


def open_states(app: Flask, portal: Portal) -> list[State]:
    return [write.state for write in services_of(app).writes.of_portal(portal.member_id)]


@pytest.mark.parametrize("meanwhile", [[], [ExternalRow("crm", "DEAL", "1")]])
@pytest.mark.parametrize(("fault", "state"), [("late", []), ("drop_before", [State.UNKNOWN])])
def test_a_link_without_an_answer_is_looked_up_twice(
    app: Flask,
    raj: Person,
    portal: Portal,
    deal: int,
    record: int,
    fault: str,
    state: list[State],
    meanwhile: list[ExternalRow],
) -> None:
    until = until_in(raj.open().text)
    for key in deal_customers(portal, deal):
        kind, _, number = key.partition(":")
        link_client(portal, record, kind, int(number))
    when = {"seconds": 3600} if fault == "late" else {}
    portal.faults.add(fault, LINK, count=1, **when)
    text = unescape(put(raj, deal, record))
    assert "we can't tell yet whether the deal is linked" in text
    assert "could not be linked" not in text
    portal.late.run_all()
    portal.records[record].external += meanwhile
    told = []
    for seconds in (FIRST_CHECK - 1, 1, HORIZON - FIRST_CHECK):
        let_pass(app, seconds)
        told.append(unescape(raj.post("/records/news", {"until": until}).text))
        if len(told) == 2:
            assert open_states(app, portal) == state
    not_saved = "Your changes were not saved." in told[-1]
    assert not_saved == (fault == "drop_before" and not meanwhile)
    assert (linked_to(portal, deal) == [record]) == (fault == "late")


@pytest.mark.parametrize("seconds", [FIRST_CHECK, HORIZON])
def test_an_unlinking_without_an_answer_is_looked_up(
    app: Flask, raj: Person, portal: Portal, deal: int, record: int, seconds: int
) -> None:
    until = until_in(raj.open().text)
    portal.records[record].external = []
    fields = deal_undo_fields(put(raj, deal, record), deal)
    portal.faults.add("late", UNLINK, count=1, seconds=3600)
    assert "We can't tell" in unescape(raj.post("/card/deal/undo", fields).text)
    portal.late.run_all()
    let_pass(app, seconds)
    raj.post("/records/news", {"until": until})
    assert open_states(app, portal) == []
    assert linked_to(portal, deal) == []
