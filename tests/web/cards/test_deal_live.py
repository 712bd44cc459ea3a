"""The tab of a deal follows changes of the records that it offers."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from sandbox import Sandbox
from sandbox.portal.colleague import link_client
from sandbox.portal.portal import Portal
from tests.cast import Cast, Person
from tests.web.cards.steps import PICK, deal_customers, open_deal
from tests.web.steps import CHANGED, customer_keys, portal_event, post_event, until_in, use_up_half

SHOWN = re.compile(r'id="pick-(\d+)" class')
Fields = dict[str, str | list[str]]


def of_deal(page: str) -> Fields:
    """What the tab posts before it has the whole list."""
    people = re.findall(r'name="all" value="([^"]+)"', page)
    return {"all": people, "on": SHOWN.findall(page), "until": until_in(page)}


def colleague_adds(installed: Cast, number: int, key: str) -> None:
    kind, _, id = key.partition(":")
    link_client(installed.portal, number, kind, int(id))
    tell(installed, number)


def tell(installed: Cast, number: int) -> None:
    assert (
        post_event(installed, portal_event(installed, CHANGED, **{"data[ID]": str(number)})) == 200
    )


def stranger_to(portal: Portal, deal: int, number: int) -> str:
    """A contact that belongs neither to the deal nor to the record."""
    there = {*deal_customers(portal, deal), *customer_keys(portal, number)}
    return next(f"CONTACT:{id}" for id in portal.state.contacts if f"CONTACT:{id}" not in there)


@pytest.fixture
def chosen(raj: Person, portal: Portal, deal: int) -> int:
    """The record that the tab proposes: the deal is on it."""
    before = set(portal.records)
    people = deal_customers(portal, deal)[:2]
    raj.post("/card/deal/put", {"deal": str(deal), "customer": people, "link": "1"})
    (number,) = set(portal.records) - before
    return number


def test_the_portal_is_not_asked_while_nothing_changes(
    raj: Person, portal: Portal, deal: int
) -> None:
    fields = of_deal(open_deal(raj, deal))
    portal.requests.clear()
    assert raj.post("/card/deal/news", fields).status_code == 204
    assert portal.requests == []


def test_the_proposed_record_comes_as_it_is_now_in_one_request(
    installed: Cast, raj: Person, portal: Portal, deal: int, chosen: int
) -> None:
    fields = of_deal(open_deal(raj, deal))
    assert fields["on"] == [str(chosen)]
    colleague_adds(installed, chosen, deal_customers(portal, deal)[2])
    portal.requests.clear()
    answer = raj.post("/card/deal/news", fields).text
    assert PICK.findall(answer) == [str(chosen)]
    assert "already on this record" in answer
    assert f'data-keys="{" ".join(customer_keys(portal, chosen))}"' in answer
    assert len(portal.requests) == 1
    assert raj.post("/card/deal/news", {**fields, "until": until_in(answer)}).status_code == 204


def test_a_record_that_gets_a_customer_of_the_deal_appears(
    installed: Cast, raj: Person, portal: Portal, deal: int, record: int
) -> None:
    fields = of_deal(open_deal(raj, deal))
    colleague_adds(installed, record, deal_customers(portal, deal)[0])
    answer = raj.post("/card/deal/news", fields).text
    assert PICK.findall(answer) == [str(record)]
    assert "already on it: " in answer


def test_other_records_come_after_the_page_has_the_whole_list(
    installed: Cast, raj: Person, portal: Portal, deal: int, record: int
) -> None:
    fields = of_deal(open_deal(raj, deal))
    colleague_adds(installed, record, stranger_to(portal, deal, record))
    first = raj.post("/card/deal/news", fields).text
    assert PICK.findall(first) == []
    assert until_in(first) != fields["until"]
    answer = raj.post("/card/deal/news", {**fields, "whole": "1"}).text
    assert PICK.findall(answer) == [str(record)]


def test_a_removed_record_disappears(
    installed: Cast, raj: Person, portal: Portal, deal: int, chosen: int
) -> None:
    fields = of_deal(open_deal(raj, deal))
    portal.records[chosen].deleted = True
    tell(installed, chosen)
    answer = raj.post("/card/deal/news", fields).text
    assert f'<span id="pick-{chosen}" hidden></span>' in answer
    assert PICK.findall(answer) == [str(chosen)]


def test_names_without_access_are_not_told(
    installed: Cast, raj: Person, portal: Portal, deal: int, chosen: int
) -> None:
    fields = of_deal(open_deal(raj, deal))
    hidden = portal.user(raj.user_id).hidden_contacts[0]
    colleague_adds(installed, chosen, f"CONTACT:{hidden}")
    answer = raj.post("/card/deal/news", fields).text
    assert f"Contact #{hidden}" in answer
    assert str(portal.state.contacts[hidden].fields["lastName"]) not in answer


def test_changes_on_another_portal_are_not_told(
    installed_elsewhere: Cast, raj: Person, deal: int, record: int
) -> None:
    fields = of_deal(open_deal(raj, deal))
    colleague_adds(installed_elsewhere, record, "CONTACT:30")
    assert raj.post("/card/deal/news", {**fields, "whole": "1"}).status_code == 204


def test_a_damaged_question_is_refused(raj: Person, portal: Portal) -> None:
    portal.requests.clear()
    assert raj.post("/card/deal/news", {"all": "LEAD:1", "until": "0"}).status_code == 400
    assert portal.requests == []


def test_a_list_read_ahead_gives_way_to_users(
    app: Flask, sandbox: Sandbox, raj: Person, portal: Portal, deal: int
) -> None:
    use_up_half(app, sandbox, portal)
    portal.requests.clear()
    fields: Fields = {"deal": str(deal), "all": deal_customers(portal, deal)}
    assert raj.post("/card/deal/records", {**fields, "idle": "1"}).status_code == 503
    assert portal.requests == []
    assert raj.post("/card/deal/records", fields).status_code == 200
