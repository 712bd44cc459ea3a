"""crm.item.*: filters, selection, rights, writes."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.portal.portal import Portal
from tests.sandbox.steps import Caller, contact


def items(call: Caller, user: int = 1, **params: Any) -> list[dict[str, Any]]:
    status, body = call("crm.item.list", user=user, **params)
    assert status == 200, body
    found: list[dict[str, Any]] = body["result"]["items"]
    return found


def test_an_or_of_two_parts_finds_names(call: Caller) -> None:
    group = {"logic": "OR", "0": {"%name": "ann"}, "1": {"%lastName": "ann"}}
    found = items(call, entityTypeId=3, filter={"0": group}, select=["id", "name", "lastName"])
    assert found
    assert all("ann" in f"{row['name']} {row['lastName']}".lower() for row in found)
    assert set(found[0]) == {"id", "name", "lastName"}


def test_several_ids_are_found_in_one_call_without_hidden_ones(
    call: Caller, portal: Portal
) -> None:
    hidden = portal.user(2).hidden_contacts[:2]
    wanted = [*hidden, 1]
    found = items(call, user=2, entityTypeId=3, filter={"@id": wanted}, select=["id"])
    assert [row["id"] for row in found] == [1]
    assert len(items(call, entityTypeId=3, filter={"@id": wanted})) == 3
    status, body = call("crm.item.get", entityTypeId=3, id=hidden[0])
    assert (status, body["error"]) == (400, "ACCESS_DENIED")


def test_a_hidden_deal_and_its_contacts_cannot_be_read(call: Caller, portal: Portal) -> None:
    hidden = portal.user(2).hidden_deals[0]
    assert call("crm.item.get", entityTypeId=2, id=hidden)[1]["error"] == "ACCESS_DENIED"
    assert call("crm.deal.contact.items.get", id=hidden)[1]["error_description"] == "Access denied."
    assert items(call, user=2, entityTypeId=2, filter={"@id": [hidden]}) == []
    assert call("crm.item.get", user=1, entityTypeId=2, id=hidden)[0] == 200


def test_hidden_contacts_are_in_the_client_list_of_a_record(call: Caller, portal: Portal) -> None:
    hidden = set(portal.user(2).hidden_contacts)
    record = next(r for r in portal.records.values() if hidden & {c.id for c in r.clients})
    body = call("booking.v1.waitlist.client.list", waitListId=record.id)[1]
    shown = {row["id"] for row in body["result"]["waitListClient"]}
    assert shown == {row.id for row in record.clients}


@pytest.mark.parametrize(
    ("filters", "text"),
    [
        ({"nope": 1}, "Invalid filter: field 'nope' is not allowed in filter"),
        ({"%name": ["a"]}, "Invalid filter: field 'name' has invalid value"),
    ],
)
def test_bad_filters_are_refused(call: Caller, filters: dict[str, Any], text: str) -> None:
    status, body = call("crm.item.list", entityTypeId=3, filter=filters)
    assert (status, body["error"], body["error_description"]) == (400, "INVALID_ARG_VALUE", text)


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ({">id": 398}, [399, 400]),
        ({">=id": 399, "!id": 400}, [399]),
        ({"><id": [5, 7]}, [5, 6, 7]),
        ({"!@id": list(range(3, 401))}, [1, 2]),
        ({"=%lastName": "Schm%", "<=id": 60}, [39]),
        ({"=%lastName": "Schm", "<=id": 60}, []),
        ({"categoryId": 1}, [133, 266, 399]),
    ],
)
def test_filter_prefixes_compare_as_in_a_database(
    call: Caller, filters: dict[str, Any], wanted: list[int]
) -> None:
    found = items(call, entityTypeId=3, filter=filters, order={"id": "ASC"}, select=["id"])
    assert [row["id"] for row in found] == wanted


def test_search_content_finds_the_last_digits_of_a_phone_number(call: Caller) -> None:
    phone = items(call, entityTypeId=3, filter={"id": 1})[0]["phone"]
    tail = "".join(char for char in phone if char.isdigit())[-5:]
    found = items(call, entityTypeId=3, filter={"%searchContent": tail}, select=["id"])
    assert 1 in [row["id"] for row in found]
    assert items(call, entityTypeId=3, filter={"%searchContent": "Öztürk"}) == []


def test_a_portal_may_refuse_to_filter_by_search_content(call: Caller, sandbox: Sandbox) -> None:
    sandbox.switches.search_content = False
    status, body = call("crm.item.list", entityTypeId=3, filter={"%searchContent": "0142"})
    assert (status, body["error"]) == (400, "INVALID_ARG_VALUE")


def test_users_without_crm_rights_and_extranet_users_are_refused(call: Caller) -> None:
    assert call("crm.item.list", user=4, entityTypeId=3)[1]["error"] == "ACCESS_DENIED"
    assert call("crm.item.list", user=5, entityTypeId=3)[1]["error"] == "allowed_only_intranet_user"
    assert call("crm.contact.list", user=4) == (
        400,
        {"error": "", "error_description": "Access denied."},
    )


def test_a_deal_link_that_is_not_a_number_is_ignored(call: Caller, portal: Portal) -> None:
    link = {"moduleId": "crm", "entityTypeId": "DEAL", "value": "²"}
    given = {"waitListId": 1, "externalData": [link]}
    assert call("booking.v1.waitlist.externalData.set", **given)[0] == 200
    portal.records[1].clients = []
    assert call("booking.v1.waitlist.update", id=1, fields={})[0] == 200


def test_a_deleted_contact_is_removed_from_its_records_without_an_event(
    call: Caller, portal: Portal
) -> None:
    call("booking.v1.waitlist.client.set", waitListId=2, clients=[contact(77), contact(78)])
    before = len(portal.journal)
    call("crm.item.delete", user=1, entityTypeId=3, id=77)
    assert portal.clients(2) == [("CONTACT", 78)]
    assert portal.records[2].clients[0].primary
    assert len(portal.journal) == before


def test_a_deleted_item_is_removed_from_bookings_and_items_too(
    call: Caller, portal: Portal
) -> None:
    ends = {"from": 2082790800, "to": 2082794400}
    period = {end: {"timestamp": at, "timezone": "UTC"} for end, at in ends.items()}
    call("booking.v1.waitlist.client.set", waitListId=2, clients=[contact(77), contact(78)])
    fields = {"resourceIds": [1], "datePeriod": period}
    given = {"waitListId": 2, "fields": fields}
    booking = call("booking.v1.booking.createfromwaitlist", **given)[1]["result"]
    links = {"contactId": 77, "contactIds": [77, 78], "companyId": 3}
    call("crm.item.update", user=1, entityTypeId=2, id=1, fields=links)
    call("crm.item.update", user=1, entityTypeId=3, id=78, fields={"companyIds": [3]})
    call("crm.item.delete", user=1, entityTypeId=3, id=77)
    call("crm.item.delete", user=1, entityTypeId=4, id=3)
    assert [row.id for row in portal.state.bookings[booking].clients] == [78]
    deal = call("crm.item.get", user=1, entityTypeId=2, id=1)[1]["result"]["item"]
    assert (deal["contactId"], deal["contactIds"], deal["companyId"]) == (78, [78], 0)
    person = call("crm.item.get", user=1, entityTypeId=3, id=78)[1]["result"]["item"]
    assert person["companyIds"] == []


def test_a_contact_can_be_added_and_changed(call: Caller) -> None:
    fields = {
        "name": "Nova",
        "fm": [{"typeId": "PHONE", "valueType": "WORK", "value": "+1 212 555 0123"}],
    }
    item = call("crm.item.add", user=1, entityTypeId=3, fields=fields)[1]["result"]["item"]
    assert (item["id"], item["phone"], item["hasPhone"]) == (401, "+1 212 555 0123", "Y")
    body = call("crm.item.update", user=1, entityTypeId=3, id=401, fields={"lastName": "Star"})[1]
    assert body["result"]["item"]["lastName"] == "Star"
    assert (
        call("crm.item.fields", user=1, entityTypeId=3)[1]["result"]["fields"]["name"]["upperName"]
        == "NAME"
    )


def test_a_user_without_the_right_cannot_add_a_contact(call: Caller, portal: Portal) -> None:
    portal.user(2).crm_add = False
    before = len(portal.state.contacts)
    status, body = call("crm.item.add", entityTypeId=3, fields={"name": "Nova"})
    assert (status, body["error"]) == (400, "ACCESS_DENIED")
    assert len(portal.state.contacts) == before


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("post", {"post": "Plumber"}),
        ("phone", {"fm": [{"typeId": "PHONE", "valueType": "WORK", "value": "+1 212 555 0199"}]}),
    ],
)
def test_a_required_field_is_described_and_required(
    call: Caller, portal: Portal, name: str, given: dict[str, Any]
) -> None:
    portal.state.required_fields = {"contact": [name]}
    fields = call("crm.item.fields", entityTypeId=3)[1]["result"]["fields"]
    assert [key for key, field in fields.items() if field["isRequired"]] == [name]
    before = portal.state.next_id("contact")
    status, body = call("crm.item.add", entityTypeId=3, fields={"name": "Nova"})
    assert (status, body["error"]) == (400, "CRM_FIELD_ERROR_REQUIRED")
    assert fields[name]["title"] in body["error_description"]
    body = call("crm.item.add", entityTypeId=3, fields={"name": "Nova", **given})[1]
    assert body["result"]["item"]["id"] == before + 1


def test_fields_that_a_portal_fills_in_can_be_left_out(call: Caller, portal: Portal) -> None:
    portal.state.required_fields = {"contact": ["sourceId", "assignedById"]}
    item = call("crm.item.add", entityTypeId=3, fields={"name": "Nova"})[1]["result"]["item"]
    assert item["sourceId"]
