"""CRM: filters, rights, duplicates, the searched digits, older methods and the mirror."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from sandbox import Sandbox
from sandbox.portal.colleague import link_client
from sandbox.portal.portal import Portal
from tests.sandbox.steps import Caller, contact


def items(call: Caller, user: int = 1, **params: Any) -> list[dict[str, Any]]:
    status, body = call("crm.item.list", user=user, **params)
    assert status == 200, body
    found: list[dict[str, Any]] = body["result"]["items"]
    return found


def test_names_are_found_by_an_or_of_parts(call: Caller) -> None:
    group = {"logic": "OR", "0": {"%name": "ann"}, "1": {"%lastName": "ann"}}
    found = items(call, entityTypeId=3, filter={"0": group}, select=["id", "name", "lastName"])
    assert found
    assert all("ann" in f"{row['name']} {row['lastName']}".lower() for row in found)
    assert set(found[0]) == {"id", "name", "lastName"}


def test_ids_are_resolved_in_one_call_and_hidden_ones_are_left_out(
    call: Caller, portal: Portal
) -> None:
    hidden = portal.user(2).hidden_contacts[:2]
    wanted = [*hidden, 1]
    found = items(call, user=2, entityTypeId=3, filter={"@id": wanted}, select=["id"])
    assert [row["id"] for row in found] == [1]
    assert len(items(call, entityTypeId=3, filter={"@id": wanted})) == 3
    status, body = call("crm.item.get", entityTypeId=3, id=hidden[0])
    assert (status, body["error"]) == (400, "ACCESS_DENIED")


def test_a_hidden_deal_shows_neither_itself_nor_its_people(call: Caller, portal: Portal) -> None:
    hidden = portal.user(2).hidden_deals[0]
    assert call("crm.item.get", entityTypeId=2, id=hidden)[1]["error"] == "ACCESS_DENIED"
    assert call("crm.deal.contact.items.get", id=hidden)[1]["error_description"] == "Access denied."
    assert items(call, user=2, entityTypeId=2, filter={"@id": [hidden]}) == []
    assert call("crm.item.get", user=1, entityTypeId=2, id=hidden)[0] == 200


def test_hidden_contacts_still_stand_in_the_client_list(call: Caller, portal: Portal) -> None:
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
def test_prefixes_compare_as_a_database_does(
    call: Caller, filters: dict[str, Any], wanted: list[int]
) -> None:
    found = items(call, entityTypeId=3, filter=filters, order={"id": "ASC"}, select=["id"])
    assert [row["id"] for row in found] == wanted


def test_fm_comes_only_with_a_star_and_nothing_valid_gives_an_empty_array(call: Caller) -> None:
    whole = items(call, entityTypeId=3, filter={"id": 1})[0]
    assert whole["fm"][0]["typeId"] == "PHONE"
    assert items(call, entityTypeId=3, filter={"id": 1}, select=["fm", "id"]) == [{"id": 1}]
    nothing: Any = []
    assert items(call, entityTypeId=3, filter={"id": 1}, select=["nope"]) == [nothing]


def test_digits_are_found_in_the_search_column_from_any_place_of_the_number(call: Caller) -> None:
    phone = items(call, entityTypeId=3, filter={"id": 1})[0]["phone"]
    tail = "".join(char for char in phone if char.isdigit())[-5:]
    found = items(call, entityTypeId=3, filter={"%searchContent": tail}, select=["id"])
    assert 1 in [row["id"] for row in found]
    assert items(call, entityTypeId=3, filter={"%searchContent": "Öztürk"}) == []


def test_a_portal_may_refuse_to_filter_by_the_search_column(call: Caller, sandbox: Sandbox) -> None:
    sandbox.switches.search_content = False
    status, body = call("crm.item.list", entityTypeId=3, filter={"%searchContent": "0142"})
    assert (status, body["error"]) == (400, "INVALID_ARG_VALUE")


def test_a_phone_is_compared_raw_here_and_normalised_in_findbycomm(
    call: Caller, portal: Portal
) -> None:
    phone = portal.state.contacts[1].fm[0].value
    assert [r["id"] for r in items(call, entityTypeId=3, filter={"=phone": phone})] == [1]
    packed = phone.replace(" ", "")
    assert items(call, entityTypeId=3, filter={"=phone": packed}) == []
    body = call("crm.duplicate.findbycomm", type="PHONE", values=[packed])[1]
    assert body["result"] == {"CONTACT": [1]}


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({}, "Communication type is not defined."),
        (
            {"type": "WEB", "values": ["x"]},
            "Communication type 'WEB' is not supported in current context.",
        ),
        ({"type": "PHONE", "values": [49123]}, "Communication values is not defined."),
    ],
)
def test_legacy_errors_have_an_empty_code(call: Caller, params: dict[str, Any], text: str) -> None:
    answer = call("crm.duplicate.findbycomm", **params)
    assert answer == (400, {"error": "", "error_description": text})


def test_findbycomm_gives_an_empty_array_for_nobody_and_ignores_read_rights(
    call: Caller, portal: Portal
) -> None:
    nobody = call("crm.duplicate.findbycomm", type="EMAIL", values=["nobody@example.com"])[1]
    assert nobody["result"] == []
    hidden = next(n for n in portal.user(2).hidden_contacts if portal.state.contacts[n].fm)
    field = portal.state.contacts[hidden].fm[0]
    body = call("crm.duplicate.findbycomm", type=field.type_id, values=[field.value])[1]
    assert hidden in body["result"]["CONTACT"]


def test_users_without_crm_rights_and_extranet_users_see_nothing(call: Caller) -> None:
    assert call("crm.item.list", user=4, entityTypeId=3)[1]["error"] == "ACCESS_DENIED"
    assert call("crm.item.list", user=5, entityTypeId=3)[1]["error"] == "allowed_only_intranet_user"
    assert call("crm.contact.list", user=4) == (
        400,
        {"error": "", "error_description": "Access denied."},
    )


def test_older_lists_have_upper_keys_strings_and_phones_on_request(call: Caller) -> None:
    body = call("crm.contact.list", user=1, filter={"ID": 1}, select=["ID", "NAME", "PHONE"])[1]
    row = body["result"][0]
    assert (row["ID"], set(row), body["total"]) == ("1", {"ID", "NAME", "PHONE"}, 1)
    assert row["PHONE"][0]["TYPE_ID"] == "PHONE"
    body = call("crm.contact.list", user=1)[1]
    assert (body["total"], body["next"]) == (397, 50)
    assert call("crm.contact.list", user=1, start=-1)[1]["total"] == 0


def test_links_between_cards_are_told(call: Caller, portal: Portal) -> None:
    deal = next(d for d in portal.state.deals.values() if len(d.fields["contactIds"]) == 2)
    rows = call("crm.deal.contact.items.get", id=deal.id)[1]["result"]
    assert [row["CONTACT_ID"] for row in rows] == deal.fields["contactIds"]
    assert [row["IS_PRIMARY"] for row in rows] == ["Y", "N"]
    assert call("crm.deal.contact.items.get", id=9999)[1]["error_description"] == "Not found."
    company = call("crm.contact.company.items.get", user=1, id=5)[1]["result"][0]["COMPANY_ID"]
    back = call("crm.company.contact.items.get", user=1, id=company)[1]["result"]
    assert 5 in [row["CONTACT_ID"] for row in back]


MIRROR = {"filter": {"=PROVIDER_ID": "CRM_WAIT_LIST_ITEM", "COMPLETED": "N"}}


def mirrored(call: Caller, record: int) -> list[list[Any]]:
    filters = {**MIRROR["filter"], "=ASSOCIATED_ENTITY_ID": record}
    body = call("crm.activity.list", user=1, filter=filters, select=["SETTINGS"])[1]
    clients = body["result"][0]["SETTINGS"]["FIELDS"]["clients"]
    return [[row["typeCode"], row["id"]] for row in clients]


def test_the_mirror_has_every_record_that_ever_had_somebody(call: Caller, portal: Portal) -> None:
    body = call("crm.activity.list", user=1, **MIRROR)[1]
    assert (body["total"], body["next"]) == (len(portal.state.activities), 50)
    assert 0 < body["total"] < len(portal.records)


def test_the_mirror_follows_after_the_reply_and_keeps_what_an_emptied_record_had(
    call: Caller, portal: Portal
) -> None:
    old = mirrored(call, 1)
    select = "crm.activity.list?filter[=ASSOCIATED_ENTITY_ID]=1&select[0]=SETTINGS"
    setting = "booking.v1.waitlist.client.set?waitListId=1&clients[0][id]=5"
    setting += "&clients[0][type][module]=crm&clients[0][type][code]=CONTACT"
    reply = call("batch", user=1, cmd={"s": setting, "m": select})[1]["result"]["result"]
    inside = reply["m"][0]["SETTINGS"]["FIELDS"]["clients"]
    assert [[row["typeCode"], row["id"]] for row in inside] == old
    assert mirrored(call, 1) == [["CONTACT", 5]]
    portal.records[1].external = []
    call("booking.v1.waitlist.client.unset", waitListId=1)
    assert mirrored(call, 1) == [["CONTACT", 5]]
    call("booking.v1.waitlist.delete", id=1)
    assert 1 not in portal.state.activities


def test_a_mirror_that_is_late_catches_up(call: Caller, portal: Portal, sandbox: Sandbox) -> None:
    old = mirrored(call, 1)
    sandbox.switches.mirror = "late"
    call("booking.v1.waitlist.client.set", waitListId=1, clients=[contact(5)])
    link_client(portal, 1, "CONTACT", 6)
    assert mirrored(call, 1) == old
    sandbox.switches.mirror = "true"
    call("profile")
    assert mirrored(call, 1) == [["CONTACT", 5], ["CONTACT", 6]]


def test_a_deal_link_that_is_no_number_stops_no_later_call(call: Caller, portal: Portal) -> None:
    link = {"moduleId": "crm", "entityTypeId": "DEAL", "value": "²"}
    given = {"waitListId": 1, "externalData": [link]}
    assert call("booking.v1.waitlist.externalData.set", **given)[0] == 200
    portal.records[1].clients = []
    assert call("booking.v1.waitlist.update", id=1, fields={})[0] == 200


def test_a_reset_forgets_what_a_late_mirror_still_had_to_write(
    call: Caller, portal: Portal, sandbox: Sandbox
) -> None:
    sandbox.switches.mirror = "late"
    assert call("booking.v1.waitlist.add", fields={})[0] == 200
    portal.operating.add("oauth", "profile", 500, sandbox.clock.now())
    sandbox.reset()
    sandbox.switches.mirror = "true"
    assert requests.get(f"{portal.webhook_url}profile", timeout=5).status_code == 200
    assert not portal.mirror_pending
    assert portal.operating.used("oauth", "profile", sandbox.clock.now()) == 0


def test_a_mirror_can_lie_or_hold_its_settings_otherwise(call: Caller, sandbox: Sandbox) -> None:
    truth = mirrored(call, 1)
    sandbox.switches.mirror = "false"
    assert mirrored(call, 1) != truth
    filters = {**MIRROR["filter"], "=ASSOCIATED_ENTITY_ID": 1}
    shown = {}
    for behaviour in ("true", "text", "empty"):
        sandbox.switches.mirror = behaviour
        body = call("crm.activity.list", user=1, filter=filters)[1]
        shown[behaviour] = body["result"][0]["SETTINGS"]
    assert shown["empty"] == []
    assert json.loads(shown["text"]) == shown["true"]


def test_records_of_a_customer_are_found_by_binding(call: Caller) -> None:
    call("booking.v1.waitlist.client.set", waitListId=2, clients=[contact(77)])
    binding = [{"OWNER_TYPE_ID": 3, "OWNER_ID": 77}]
    filters = {**MIRROR["filter"], "BINDINGS": binding}
    found = call("crm.activity.list", user=1, filter=filters)[1]["result"]
    assert "2" in [row["ASSOCIATED_ENTITY_ID"] for row in found]


def test_a_deleted_contact_leaves_its_records_without_an_event(
    call: Caller, portal: Portal
) -> None:
    call("booking.v1.waitlist.client.set", waitListId=2, clients=[contact(77), contact(78)])
    before = len(portal.journal)
    call("crm.item.delete", user=1, entityTypeId=3, id=77)
    assert portal.clients(2) == [("CONTACT", 78)]
    assert portal.records[2].clients[0].primary
    assert len(portal.journal) == before


def test_a_deleted_card_leaves_bookings_and_other_cards_too(call: Caller, portal: Portal) -> None:
    period = {end: {"timestamp": 1800000000, "timezone": "UTC"} for end in ("from", "to")}
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


def test_a_user_without_the_right_adds_nobody(call: Caller, portal: Portal) -> None:
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
def test_an_obligatory_field_is_told_of_and_insisted_on(
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


def test_what_a_portal_fills_in_itself_may_be_left_out(call: Caller, portal: Portal) -> None:
    portal.state.required_fields = {"contact": ["sourceId", "assignedById"]}
    item = call("crm.item.add", entityTypeId=3, fields={"name": "Nova"})[1]["result"]["item"]
    assert item["sourceId"]
