"""The tab of a customer follows changes of the records that it shows."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from sandbox.portal.colleague import link_client
from sandbox.portal.portal import Portal
from tests.cast import Cast, Person
from tests.web.cards.steps import open_card, text_of
from tests.web.steps import (
    CHANGED,
    a_record,
    colleague_adds,
    forget_customers,
    portal_event,
    post_event,
    until_in,
)


def of_card(page: str, key: str) -> dict[str, str | list[str]]:
    """What the tab of a customer posts to get changes."""
    shown = re.findall(r'<li id="row-(\d+)" [^>]*data-record="\d+"[^>]*(?<! hidden)>', page)
    return {"customer": key, "on": shown, "until": until_in(page)}


def test_a_customers_tab_asks_the_portal_only_if_something_changed(
    olga: Person, portal: Portal
) -> None:
    fields = of_card(open_card(olga, "CONTACT:30"), "CONTACT:30")
    portal.requests.clear()
    assert olga.post("/card/news", fields).status_code == 204
    assert portal.requests == []


def test_a_customers_tab_shows_a_record_they_were_added_to(
    installed: Cast, olga: Person, portal: Portal
) -> None:
    fields, number = of_card(open_card(olga, "CONTACT:30"), "CONTACT:30"), a_record(portal)
    colleague_adds(installed, portal, number)
    portal.requests.clear()
    answer = olga.post("/card/news", fields).text
    assert f'<li id="row-{number}"' in answer
    count = len(set(fields["on"]) | {str(number)})
    assert f"waits on {count} record" in answer
    assert len(portal.requests) <= 2
    assert olga.post("/card/news", {**fields, "until": until_in(answer)}).status_code == 204


def test_a_customers_tab_shows_removals_and_records_that_are_gone(
    installed: Cast, olga: Person, portal: Portal
) -> None:
    number, gone = [n for n in portal.records if ("CONTACT", 30) not in portal.clients(n)][:2]
    for one in (number, gone):
        link_client(portal, one, "CONTACT", 30)
    fields = of_card(open_card(olga, "CONTACT:30"), "CONTACT:30")
    assert {str(number), str(gone)} <= set(fields["on"])
    portal.records[number].clients.clear()
    portal.records[gone].deleted = True
    for one in (number, gone):
        post_event(installed, portal_event(installed, CHANGED, **{"data[ID]": str(one)}))
    answer = olga.post("/card/news", fields).text
    assert re.search(rf'<li id="row-{number}"[^>]* hidden>', answer)
    assert f'<li id="row-{gone}" hidden></li>' in answer
    left = len(fields["on"]) - 2
    said = f"waits on {left} record" if left else "isn't on the waiting list."
    assert said in text_of(answer, "count")


def test_changes_for_other_customers_only_bring_a_new_until(
    app: Flask, installed: Cast, olga: Person, portal: Portal
) -> None:
    fields = of_card(open_card(olga, "CONTACT:31"), "CONTACT:31")
    number = next(n for n in portal.records if ("CONTACT", 31) not in portal.clients(n))
    link_client(portal, number, "CONTACT", 30)
    post_event(installed, portal_event(installed, CHANGED, **{"data[ID]": str(number)}))
    forget_customers(app)
    portal.requests.clear()
    answer = olga.post("/card/news", fields).text
    assert "row-" not in answer
    assert "count" not in answer
    assert len(portal.requests) == 1
    assert olga.post("/card/news", {**fields, "until": until_in(answer)}).status_code == 204
    assert len(portal.requests) == 1


def test_a_customers_tab_gets_no_changes_of_another_portal(
    installed: Cast, installed_elsewhere: Cast, olga: Person, portal: Portal
) -> None:
    fields = of_card(open_card(olga, "CONTACT:30"), "CONTACT:30")
    colleague_adds(installed, portal, a_record(portal))
    theirs = installed_elsewhere.administrator
    there = of_card(open_card(theirs, "CONTACT:30"), "CONTACT:30")
    portal.requests.clear()
    assert theirs.post("/card/news", {**fields, "until": there["until"]}).status_code == 204
    assert portal.requests == []


@pytest.mark.parametrize("customers", [[], ["CONTACT:x"], ["CONTACT:30", "CONTACT:31"]])
def test_a_tab_without_one_customer_is_refused(olga: Person, customers: list[str]) -> None:
    assert olga.post("/card/news", {"customer": customers, "until": "0"}).status_code == 400
