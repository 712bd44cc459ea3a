"""Customers in CRM"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from sandbox.conformance.conftest import Sides
from sandbox.conformance.rest import Rest
from sandbox.conformance.workshop import COMPANY, CONTACT, Workshop, contact, phone, phones

LIST, GET = "crm.item.list", "crm.item.get"
PAGE = 50
# How long the portal may take to write an activity after its reply.
_LATER = 10.0


def found(portal: Rest, **filters: Any) -> list[int]:
    rows = portal.call(LIST, entityTypeId=CONTACT, filter=filters, order={"id": "ASC"}).result
    return [row["id"] for row in rows["items"]]


@pytest.fixture(scope="module")
def many(workshop: Workshop, shared: str) -> dict[str, Any]:
    """Asks for the contacts that share a number: more than a page."""
    assert shared
    name = {"=lastName": f"{workshop.marker} many"}
    return {"entityTypeId": CONTACT, "filter": name, "order": {"id": "ASC"}}


def test_a_crm_list_tells_its_total_and_where_to_go_on(portal: Rest, many: dict[str, Any]) -> None:
    first = portal.call(LIST, **many)
    assert (first.body["total"], first.body["next"]) == (PAGE + 2, PAGE)
    assert len(first.result["items"]) == PAGE
    assert portal.call(LIST, **many, start=10).result == first.result
    last = portal.call(LIST, **many, start=PAGE)
    assert (last.body["total"], len(last.result["items"])) == (PAGE + 2, 2)
    assert "next" not in last.body


def test_the_total_of_a_crm_list_with_start_minus_one(
    portal: Rest, many: dict[str, Any], sides: Sides
) -> None:
    answer = portal.call(LIST, **many, start=-1)
    assert "next" not in answer.body
    sides(answer.body.get("total", "none"), source="none", docs=0)


def test_a_batch_passes_totals_and_nexts_on(portal: Rest, many: dict[str, Any]) -> None:
    asked = urlencode({"entityTypeId": CONTACT, "filter[=lastName]": many["filter"]["=lastName"]})
    maps = portal.batch({"c": f"{LIST}?{asked}"})
    assert (maps["result_total"], maps["result_next"]) == ({"c": PAGE + 2}, {"c": PAGE})


def test_an_old_crm_list_tells_its_total_too(portal: Rest, many: dict[str, Any]) -> None:
    asked = {"LAST_NAME": many["filter"]["=lastName"]}
    answer = portal.call("crm.contact.list", filter=asked)
    assert (answer.body["total"], answer.body["next"]) == (PAGE + 2, PAGE)
    assert len(answer.result) == PAGE
    assert portal.call("crm.contact.list", filter=asked, start=-1).body["total"] == 0


def test_start_of_an_old_crm_list_is_floored_to_a_page_too(
    portal: Rest, many: dict[str, Any]
) -> None:
    asked = {"filter": {"LAST_NAME": many["filter"]["=lastName"]}, "order": {"ID": "ASC"}}
    first, inside = (portal.call("crm.contact.list", **asked, start=start) for start in (0, 10))
    assert inside.result == first.result
    assert (inside.body["total"], inside.body["next"]) == (PAGE + 2, PAGE)
    last = portal.call("crm.contact.list", **asked, start=PAGE + 1)
    assert len(last.result) == 2
    assert "next" not in last.body


def test_ids_are_looked_up_together_and_missing_ones_are_just_missing(
    portal: Rest, workshop: Workshop, someone: int
) -> None:
    assert found(portal, **{"@id": [someone, workshop.absent]}) == [someone]


def test_a_card_that_is_not_there_is_not_found(portal: Rest, workshop: Workshop) -> None:
    answer = portal.call(GET, entityTypeId=CONTACT, id=workshop.absent)
    assert (answer.status, answer.error) == (400, "NOT_FOUND")


def test_an_unknown_field_in_a_filter_is_an_error_here(portal: Rest) -> None:
    answer = portal.call(LIST, entityTypeId=CONTACT, filter={"nobody": 1})
    assert (answer.status, answer.error) == (400, "INVALID_ARG_VALUE")
    assert "'nobody' is not allowed in filter" in answer.text


def test_whether_parts_of_a_phone_are_found_in_the_search_column(
    portal: Rest, workshop: Workshop, observed: Callable[[object], None]
) -> None:
    known = phone()
    number = workshop.contact(fm=phones(known))
    asked = {"%searchContent": known[-6:]}
    answer = portal.call(LIST, entityTypeId=CONTACT, filter=asked, select=["id"])
    if "error" in answer.body:
        observed(answer.error)
    else:
        there = number in [row["id"] for row in answer.result["items"]]
        observed("found" if there else "not found")


def test_phones_and_mails_of_a_card_come_with_a_star_only(portal: Rest, workshop: Workshop) -> None:
    number = workshop.contact(fm=phones(phone()))

    def item(*select: str) -> Any:
        asked = {"entityTypeId": CONTACT, "filter": {"id": number}, "select": list(select)}
        return portal.call(LIST, **asked).result["items"][0]

    assert [row["typeId"] for row in item("*")["fm"]] == ["PHONE"]
    assert set(item("id", "fm", "nobody")) == {"id"}
    assert item("nobody") == []


def test_a_card_without_phone_has_empty_texts(portal: Rest, someone: int) -> None:
    item = portal.call(GET, entityTypeId=CONTACT, id=someone).result["item"]
    assert (item["id"], item["hasPhone"], item["hasEmail"]) == (someone, "N", "N")
    assert (item["phone"], item["email"]) == ("", "")


def test_groups_in_a_filter_may_be_joined_by_or(
    portal: Rest, workshop: Workshop, someone: int
) -> None:
    other = workshop.contact()
    either = {"logic": "OR", "0": {"id": someone}, "1": {"id": other}}
    rows = portal.call(LIST, entityTypeId=CONTACT, filter={"0": either}).result["items"]
    assert sorted(row["id"] for row in rows) == sorted([someone, other])


def test_own_companies_come_with_the_others_until_they_are_left_out(
    portal: Rest, workshop: Workshop, firm: int
) -> None:
    own = workshop.company(isMyCompany="Y")

    def companies(**more: Any) -> list[int]:
        asked = {"filter": {"@id": [firm, own], **more}, "order": {"id": "ASC"}}
        rows = portal.call(LIST, entityTypeId=COMPANY, **asked).result["items"]
        return [row["id"] for row in rows]

    assert companies() == sorted([firm, own])
    assert companies(isMyCompany="N") == [firm]


def test_customers_are_of_the_first_category_and_contractors_are_not(
    portal: Rest, someone: int
) -> None:
    assert found(portal, id=someone, categoryId=0) == [someone]
    assert found(portal, **{"id": someone, ">categoryId": 0}) == []


def test_a_filter_by_phone_sees_the_first_number_as_it_was_typed(
    portal: Rest, workshop: Workshop
) -> None:
    first, second = phone(), phone()
    number = workshop.contact(fm=phones(first, second))
    assert found(portal, phone=first) == [number]
    assert found(portal, phone=second) == []
    assert found(portal, phone="".join(char for char in first if char.isdigit())) == []


def test_a_percent_sign_that_somebody_typed(
    portal: Rest, workshop: Workshop, observed: Callable[[object], None]
) -> None:
    wild = found(portal, **{"%lastName": workshop.marker.replace(" ", "%")})
    observed("a wildcard" if wild else "an ordinary character")


def test_an_old_crm_method_fails_with_an_empty_code(portal: Rest, workshop: Workshop) -> None:
    answer = portal.call("crm.deal.contact.items.get", id=workshop.absent)
    assert (answer.status, answer.body["error"], answer.text) == (400, "", "Not found.")


def test_an_old_crm_list_speaks_upper_case_and_text_and_gives_phones_when_asked(
    portal: Rest, workshop: Workshop
) -> None:
    known = phone()
    number = str(workshop.contact(fm=phones(known)))
    method, wanted = "crm.contact.list", {"PHONE": known}
    plain = portal.call(method, filter=wanted).result[0]
    assert (plain["ID"], "PHONE" in plain) == (number, False)
    asked = portal.call(method, filter=wanted, select=["ID", "PHONE"]).result[0]
    assert [row["VALUE"] for row in asked["PHONE"]] == [known]
    assert portal.call(method, filter={"PHONE": known[:-2]}).result == []


def test_contacts_of_a_deal_have_a_first_one(portal: Rest, workshop: Workshop) -> None:
    people = [workshop.contact() for _ in range(2)]
    deal = workshop.deal(contactIds=people)
    rows = portal.call("crm.deal.contact.items.get", id=deal).result
    assert [row["CONTACT_ID"] for row in rows] == people
    assert [row["IS_PRIMARY"] for row in rows] == ["Y", "N"]


def _mirror(portal: Rest, record: int) -> list[dict[str, Any]]:
    asked = {
        "filter": {"=PROVIDER_ID": "CRM_WAIT_LIST_ITEM", "=ASSOCIATED_ENTITY_ID": record},
        "select": ["ID", "ASSOCIATED_ENTITY_ID", "COMPLETED", "SETTINGS"],
    }
    rows = portal.call("crm.activity.list", **asked).result
    assert isinstance(rows, list)
    return rows


def test_an_activity_mirrors_a_record_and_stays_when_it_is_emptied(
    portal: Rest, workshop: Workshop, record: int, someone: int
) -> None:
    assert _mirror(portal, record) == []
    workshop.set_clients(record, [contact(someone)])
    until = time.monotonic() + _LATER
    while not (rows := _mirror(portal, record)) and time.monotonic() < until:
        time.sleep(1)
    assert [(row["ASSOCIATED_ENTITY_ID"], row["COMPLETED"]) for row in rows] == [(str(record), "N")]
    mirrored = rows[0]["SETTINGS"]["FIELDS"]["clients"]
    assert [(row["typeModule"], row["typeCode"], row["id"]) for row in mirrored] == [
        ("crm", "CONTACT", someone)
    ]
    workshop.set_clients(record, [])
    assert len(_mirror(portal, record)) == 1
