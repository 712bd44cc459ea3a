"""One row that a portal cannot write, or that makes no sense, costs that row only."""

from __future__ import annotations

from html import unescape

import pytest
from flask import Flask

from sandbox.portal.portal import Portal
from tests.cast import Cast, Person
from tests.web.steps import colleague_sets, customer_keys
from web.services import services_of

PROPERLY = "Bitrix24 did not answer properly about this customer."


@pytest.fixture(autouse=True)
def _empty_cache(app: Flask, installed: Cast) -> None:
    assert installed
    services_of(app).customers._customers.clear()


def names_of_records(page: str) -> int:
    return page.count('role="option"')


@pytest.mark.records(12)
@pytest.mark.parametrize("kind", ["CONTACT", "COMPANY"])
@pytest.mark.parametrize("number", [1, 13, 40])
def test_a_customer_that_cannot_be_written_costs_no_other_name(
    olga: Person, portal: Portal, kind: str, number: int
) -> None:
    record = max(portal.records)
    colleague_sets(portal, record, [f"{kind}:{number}", "CONTACT:2"])
    portal.faults.add("broken_row", "crm.item.list", number=number)
    page = olga.open().text
    assert names_of_records(page) == 12
    assert f"{kind.capitalize()} #{number}" in page
    for one in portal.records:
        for what, id in portal.clients(one):
            if id != number:
                assert f"{what.capitalize()} #{id}<" not in page
    editor = unescape(olga.post(f"/records/{record}").text)
    assert PROPERLY in editor
    assert "no access" not in editor


def test_who_cannot_be_written_stays_on_the_record(olga: Person, portal: Portal) -> None:
    record = max(portal.records)
    colleague_sets(portal, record, ["CONTACT:13"])
    portal.faults.add("broken_row", "crm.item.list", number=13)
    fields = {"base": "CONTACT:13", "customer": ["CONTACT:13", "CONTACT:2"]}
    saved = olga.post(f"/records/{record}/save", fields)
    assert "Saved." in saved.text
    assert customer_keys(portal, record) == ["CONTACT:13", "CONTACT:2"]


def test_who_cannot_be_written_is_not_added(olga: Person, portal: Portal) -> None:
    record = max(portal.records)
    colleague_sets(portal, record, ["CONTACT:2"])
    portal.faults.add("broken_row", "crm.item.list", number=13)
    fields = {"base": "CONTACT:2", "customer": ["CONTACT:13", "CONTACT:2"]}
    answer = olga.post(f"/records/{record}/save", fields)
    assert answer.status_code == 502
    assert "Bitrix24 did not answer properly. Nothing was saved." in answer.text
    assert customer_keys(portal, record) == ["CONTACT:2"]


def test_a_row_in_fifty_costs_few_requests(olga: Person, portal: Portal) -> None:
    portal.faults.add("broken_row", "crm.item.list", number=13)
    record = max(portal.records)
    colleague_sets(portal, record, [f"CONTACT:{number}" for number in range(1, 51)])
    portal.requests.clear()
    page = olga.post(f"/records/{record}").text
    assert page.count('class="customer"') == 50
    assert len(portal.requests) <= 2 + 3 * 6
    portal.requests.clear()
    olga.post(f"/records/{record}")
    assert len(portal.requests) == 1


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (429, "Bitrix24 is busy."),
        (503, "Bitrix24 is busy."),
        (403, "This Bitrix24 can't run apps at the moment."),
        (404, "This Bitrix24 can't run apps at the moment."),
        (502, "Bitrix24 did not answer properly."),
    ],
)
def test_a_page_instead_of_an_answer_says_what_its_status_says(
    olga: Person, portal: Portal, status: int, text: str
) -> None:
    portal.faults.add("status", status=status)
    assert text in unescape(olga.post("/records/1").text)


def test_a_redirect_to_a_license_page_is_for_the_administrator(
    olga: Person, portal: Portal
) -> None:
    portal.faults.add("redirect", host="", path="/settings/license_all.php")
    answer = unescape(olga.post("/records/1").text)
    assert "This Bitrix24 can't run apps at the moment. Its plan may have expired." in answer
    assert "Ask your administrator." in answer
    assert "Wait a moment" not in answer


def test_a_portal_without_a_crm_method_is_not_told_to_update_booking(
    olga: Person, portal: Portal
) -> None:
    portal.faults.add("error", "crm.item.fields", code="ERROR_METHOD_NOT_FOUND", status=404)
    fields = {"new_kind": "CONTACT", "new_lastName": "Neu", "new_attempt": "a-random-word-in-it"}
    answer = olga.post("/customers/create", fields)
    assert answer.status_code == 501
    assert "CRM in this Bitrix24 is missing or too old." in answer.text
    assert "Online Booking" not in answer.text
