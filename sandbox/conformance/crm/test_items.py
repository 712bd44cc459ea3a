"""CRM"""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from sandbox.conformance.conftest import Compare
from sandbox.conformance.rest import Rest
from sandbox.conformance.samples import COMPANY, CONTACT, Samples, contact, phone, phones

LIST, GET = "crm.item.list", "crm.item.get"
PAGE = 50
# How long the portal may take to write the activity after its reply.
_MIRROR_SECONDS = 10.0


def found(portal: Rest, **filters: Any) -> list[int]:
    rows = portal.call(LIST, entityTypeId=CONTACT, filter=filters, order={"id": "ASC"}).result
    return [row["id"] for row in rows["items"]]


@pytest.fixture(scope="module")
def many(samples: Samples, shared_phone: str) -> dict[str, Any]:
    """Parameters for a list of 52 contacts, more than a page."""
    assert shared_phone
    name = {"=lastName": f"{samples.marker} many"}
    return {"entityTypeId": CONTACT, "filter": name, "order": {"id": "ASC"}}


def test_a_crm_list_has_a_total_and_a_next(portal: Rest, many: dict[str, Any]) -> None:
    first = portal.call(LIST, **many)
    assert (first.body["total"], first.body["next"]) == (PAGE + 2, PAGE)
    assert len(first.result["items"]) == PAGE
    assert portal.call(LIST, **many, start=10).result == first.result
    last = portal.call(LIST, **many, start=PAGE)
    assert (last.body["total"], len(last.result["items"])) == (PAGE + 2, 2)
    assert "next" not in last.body


def test_the_total_of_a_crm_list_with_start_minus_one(
    portal: Rest, many: dict[str, Any], compare: Compare
) -> None:
    answer = portal.call(LIST, **many, start=-1)
    assert "next" not in answer.body
    compare(answer.body.get("total", "none"), source="none", docs=0)


def test_a_batch_passes_on_total_and_next(portal: Rest, many: dict[str, Any]) -> None:
    asked = urlencode({"entityTypeId": CONTACT, "filter[=lastName]": many["filter"]["=lastName"]})
    maps = portal.batch({"c": f"{LIST}?{asked}"})
    assert (maps["result_total"], maps["result_next"]) == ({"c": PAGE + 2}, {"c": PAGE})


def test_an_older_crm_list_has_a_total_too(portal: Rest, many: dict[str, Any]) -> None:
    asked = {"LAST_NAME": many["filter"]["=lastName"]}
    answer = portal.call("crm.contact.list", filter=asked)
    assert (answer.body["total"], answer.body["next"]) == (PAGE + 2, PAGE)
    assert len(answer.result) == PAGE
    assert portal.call("crm.contact.list", filter=asked, start=-1).body["total"] == 0


def test_start_of_an_older_crm_list_is_rounded_down_too(portal: Rest, many: dict[str, Any]) -> None:
    asked = {"filter": {"LAST_NAME": many["filter"]["=lastName"]}, "order": {"ID": "ASC"}}
    first, inside = (portal.call("crm.contact.list", **asked, start=start) for start in (0, 10))
    assert inside.result == first.result
    assert (inside.body["total"], inside.body["next"]) == (PAGE + 2, PAGE)
    last = portal.call("crm.contact.list", **asked, start=PAGE + 1)
    assert len(last.result) == 2
    assert "next" not in last.body


def test_a_lookup_of_several_ids_leaves_out_those_that_are_missing(
    portal: Rest, samples: Samples, contact_id: int
) -> None:
    assert found(portal, **{"@id": [contact_id, samples.absent]}) == [contact_id]


def test_a_missing_item_is_not_found(portal: Rest, samples: Samples) -> None:
    answer = portal.call(GET, entityTypeId=CONTACT, id=samples.absent)
    assert (answer.status, answer.error) == (400, "NOT_FOUND")


def test_an_unknown_field_in_a_crm_filter_is_an_error(portal: Rest) -> None:
    answer = portal.call(LIST, entityTypeId=CONTACT, filter={"unknown": 1})
    assert (answer.status, answer.error) == (400, "INVALID_ARG_VALUE")
    assert "'unknown' is not allowed in filter" in answer.text


def test_whether_search_content_finds_parts_of_a_phone_number(
    portal: Rest, samples: Samples, report: Callable[[object], None]
) -> None:
    known = phone()
    number = samples.create_contact(fm=phones(known))
    asked = {"%searchContent": known[-6:]}
    answer = portal.call(LIST, entityTypeId=CONTACT, filter=asked, select=["id"])
    if "error" in answer.body:
        report(answer.error)
    else:
        there = number in [row["id"] for row in answer.result["items"]]
        report("found" if there else "not found")


def test_phones_and_mails_come_only_when_a_star_is_selected(portal: Rest, samples: Samples) -> None:
    number = samples.create_contact(fm=phones(phone()))

    def item(*select: str) -> Any:
        asked = {"entityTypeId": CONTACT, "filter": {"id": number}, "select": list(select)}
        return portal.call(LIST, **asked).result["items"][0]

    assert [row["typeId"] for row in item("*")["fm"]] == ["PHONE"]
    assert set(item("id", "fm", "unknown")) == {"id"}
    assert item("unknown") == []


def test_an_item_without_phone_has_empty_texts(portal: Rest, contact_id: int) -> None:
    item = portal.call(GET, entityTypeId=CONTACT, id=contact_id).result["item"]
    assert (item["id"], item["hasPhone"], item["hasEmail"]) == (contact_id, "N", "N")
    assert (item["phone"], item["email"]) == ("", "")


def test_groups_in_a_filter_can_be_joined_by_or(
    portal: Rest, samples: Samples, contact_id: int
) -> None:
    other = samples.create_contact()
    either = {"logic": "OR", "0": {"id": contact_id}, "1": {"id": other}}
    rows = portal.call(LIST, entityTypeId=CONTACT, filter={"0": either}).result["items"]
    assert sorted(row["id"] for row in rows) == sorted([contact_id, other])


def test_own_companies_are_listed_unless_they_are_filtered_out(
    portal: Rest, samples: Samples, company_id: int
) -> None:
    own = samples.create_company(isMyCompany="Y")

    def companies(**more: Any) -> list[int]:
        asked = {"filter": {"@id": [company_id, own], **more}, "order": {"id": "ASC"}}
        rows = portal.call(LIST, entityTypeId=COMPANY, **asked).result["items"]
        return [row["id"] for row in rows]

    assert companies() == sorted([company_id, own])
    assert companies(isMyCompany="N") == [company_id]


def test_customers_are_in_category_0(portal: Rest, contact_id: int) -> None:
    assert found(portal, id=contact_id, categoryId=0) == [contact_id]
    assert found(portal, **{"id": contact_id, ">categoryId": 0}) == []


def test_a_filter_by_phone_matches_the_first_number_as_it_was_typed(
    portal: Rest, samples: Samples
) -> None:
    first, second = phone(), phone()
    number = samples.create_contact(fm=phones(first, second))
    assert found(portal, phone=first) == [number]
    assert found(portal, phone=second) == []
    assert found(portal, phone="".join(char for char in first if char.isdigit())) == []


def test_what_a_percent_sign_in_a_filter_means(
    portal: Rest, samples: Samples, report: Callable[[object], None]
) -> None:
    wild = found(portal, **{"%lastName": samples.marker.replace(" ", "%")})
    report("a wildcard" if wild else "an ordinary character")


def test_an_error_of_an_older_crm_method_has_an_empty_code(portal: Rest, samples: Samples) -> None:
    answer = portal.call("crm.deal.contact.items.get", id=samples.absent)
    assert (answer.status, answer.body["error"], answer.text) == (400, "", "Not found.")


def test_an_older_crm_list_has_upper_case_keys_and_phones_when_selected(
    portal: Rest, samples: Samples
) -> None:
    known = phone()
    number = str(samples.create_contact(fm=phones(known)))
    method, wanted = "crm.contact.list", {"PHONE": known}
    plain = portal.call(method, filter=wanted).result[0]
    assert (plain["ID"], "PHONE" in plain) == (number, False)
    asked = portal.call(method, filter=wanted, select=["ID", "PHONE"]).result[0]
    assert [row["VALUE"] for row in asked["PHONE"]] == [known]
    assert portal.call(method, filter={"PHONE": known[:-2]}).result == []


def test_the_first_contact_of_a_deal_is_primary(portal: Rest, samples: Samples) -> None:
    people = [samples.create_contact() for _ in range(2)]
    deal = samples.create_deal(contactIds=people)
    rows = portal.call("crm.deal.contact.items.get", id=deal).result
    assert [row["CONTACT_ID"] for row in rows] == people
    assert [row["IS_PRIMARY"] for row in rows] == ["Y", "N"]


def _mirror(portal: Rest, record_id: int) -> list[dict[str, Any]]:
    asked = {
        "filter": {"=PROVIDER_ID": "CRM_WAIT_LIST_ITEM", "=ASSOCIATED_ENTITY_ID": record_id},
        "select": ["ID", "ASSOCIATED_ENTITY_ID", "COMPLETED", "SETTINGS"],
    }
    rows = portal.call("crm.activity.list", **asked).result
    assert isinstance(rows, list)
    return rows


def test_an_activity_mirrors_a_record_and_stays_when_the_clients_are_removed(
    portal: Rest, samples: Samples, record_id: int, contact_id: int
) -> None:
    assert _mirror(portal, record_id) == []
    samples.set_clients(record_id, [contact(contact_id)])
    until = time.monotonic() + _MIRROR_SECONDS
    while not (rows := _mirror(portal, record_id)) and time.monotonic() < until:
        time.sleep(1)
    assert [(row["ASSOCIATED_ENTITY_ID"], row["COMPLETED"]) for row in rows] == [
        (str(record_id), "N")
    ]
    mirrored = rows[0]["SETTINGS"]["FIELDS"]["clients"]
    assert [(row["typeModule"], row["typeCode"], row["id"]) for row in mirrored] == [
        ("crm", "CONTACT", contact_id)
    ]
    samples.set_clients(record_id, [])
    assert len(_mirror(portal, record_id)) == 1
