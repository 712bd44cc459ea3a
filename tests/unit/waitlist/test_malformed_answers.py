"""An answer with odd IDs or shapes is read as far as possible, or is no answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bitrix24.answers import decode
from bitrix24.batch import Command
from bitrix24.errors import NoAnswer
from bitrix24.lists import read_lists
from tests.fake_portal import FakePortal
from waitlist.customers.cache import CustomerCache
from waitlist.customers.contact_persons import read_persons
from waitlist.customers.items import Item, customer_from
from waitlist.customers.reader import CustomerReader
from waitlist.customers.search import find_by_comm, refs_in
from waitlist.models import CustomerRef, Kind
from waitlist.sources.crm_mirror import Activity, MirrorRecord, mirror_record
from waitlist.sources.record_list import record_list

ODD: list[object] = [None, "", "x", "0", 0, -1, True, 1.5, 2**31, 10**30, [], {}, "\u00b2"]
CONTACT = CustomerRef(Kind.CONTACT, 5)


def _activity(row: dict[str, Any]) -> MirrorRecord | None:
    return mirror_record(decode(row, Activity))


class Portal(FakePortal):
    """Answers each method with the same result."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = answers

    def answer(self, command: Command) -> Any:
        return self.answers.get(command.method)


def test_contact_persons_without_an_id_hide_no_other_person() -> None:
    rows = [{}, *({"CONTACT_ID": odd} for odd in ODD), {"CONTACT_ID": "5"}]
    portal = Portal(
        {
            "crm.company.contact.items.get": rows,
            "crm.item.list": {"items": [{"id": 5, "name": "Nora"}]},
        }
    )
    reader = CustomerReader(portal, CustomerCache(), "member", 1)
    found = read_persons(reader, CustomerRef(Kind.COMPANY, 7))
    assert [person.ref for person in found.customers] == [CONTACT]


@pytest.mark.parametrize("type_id", ["PHONE", "EMAIL"])
def test_what_stands_twice_in_crm_is_shown_once(type_id: str) -> None:
    values = [("1", "WORK"), ("2", "HOME"), ("1", "MOBILE"), ("2", "HOME")]
    fm = [{"typeId": type_id, "value": value, "valueType": kind} for value, kind in values]
    customer = customer_from(Kind.CONTACT, decode({"id": 5, "fm": fm}, Item))
    assert (customer.phones or customer.emails) == ("1", "2")


def test_odd_numbers_among_those_with_the_same_phone_are_passed_over() -> None:
    answer = find_by_comm("PHONE", ["1"], Kind.CONTACT).read({"CONTACT": [*ODD, 5]})
    assert refs_in(answer, Kind.CONTACT) == [CONTACT]


@pytest.mark.parametrize("odd", ODD)
def test_an_activity_of_no_record_is_passed_over(odd: object) -> None:
    assert _activity({"ID": 1, "ASSOCIATED_ENTITY_ID": odd}) is None


@pytest.mark.parametrize("settings", ["[" * 100_000, {"FIELDS": "{" * 100_000}])
def test_an_activity_that_cannot_be_read_tells_no_customers(settings: object) -> None:
    record = _activity({"ID": 1, "ASSOCIATED_ENTITY_ID": "12", "SETTINGS": settings})
    assert record is not None
    assert record.customers is None


@pytest.mark.parametrize("client", [None, {"typeCode": "LEAD", "id": 5}, {"typeCode": "CONTACT"}])
def test_an_activity_with_an_unknown_client_tells_no_customers(client: object) -> None:
    known = {"typeCode": "CONTACT", "id": 5}
    settings = {"FIELDS": {"clients": [known, client]}}
    record = _activity({"ID": 1, "ASSOCIATED_ENTITY_ID": "12", "SETTINGS": settings})
    assert record is not None
    assert record.customers is None


@pytest.mark.parametrize("odd", [None, "x", 2**31, 10**30, [], {}])
def test_a_list_counts_rows_without_an_id(odd: object) -> None:
    portal = Portal({"booking.v1.waitlist.list": {"waitList": [{"id": 5}, {"id": odd}]}})
    everything = record_list()
    listing = read_lists(portal, [everything])[everything]
    assert (list(listing.rows), listing.unreadable) == ([5], 1)


@pytest.mark.parametrize(
    "items",
    [
        [{"id": "5", "name": "Nora"}],
        {"3": {"id": 5, "name": "Nora"}},
        [[], {"id": 5, "name": "Nora"}, {"name": "Nobody"}],
        [{"id": 5, "name": "Nora", "fm": {"0": {"typeId": "PHONE", "value": 123}}}],
        [{"id": 5, "name": "Nora", "secondName": None, "lastName": None, "fm": None}],
    ],
    ids=["an ID as text", "a map", "rows without an ID", "phones as a map", "null"],
)
def test_a_customer_is_read_however_the_portal_writes_the_list(items: Any) -> None:
    portal = Portal({"crm.item.list": {"items": items}})
    reader = CustomerReader(portal, CustomerCache(), "member", 1)
    assert reader.read([CONTACT])[CONTACT].name == "Nora"


@pytest.mark.parametrize("answer", [None, "x", {}, {"items": "x"}, {"items": 7}])
def test_a_list_that_is_not_understood_is_not_taken_for_a_missing_right(answer: Any) -> None:
    portal = Portal({"crm.item.list": answer})
    reader = CustomerReader(portal, CustomerCache(), "member", 1)
    with pytest.raises(NoAnswer):
        reader.read([CONTACT])
    assert not reader.closed


@pytest.mark.parametrize("odd", [None, 7, "x", {"id": 6, "name": ["x"]}, {"id": 6, "fm": 7}])
def test_a_row_that_is_not_understood_hides_no_other_customer(odd: object) -> None:
    portal = Portal({"crm.item.list": {"items": [odd, {"id": 5, "name": "Nora"}]}})
    reader = CustomerReader(portal, CustomerCache(), "member", 1)
    other = CustomerRef(Kind.CONTACT, 6)
    found = reader.read([CONTACT, other])
    assert found[CONTACT].name == "Nora"
    assert found[other].unread


def test_a_phone_that_is_not_understood_costs_only_itself() -> None:
    phones = [None, 7, {"typeId": "PHONE", "value": []}, {"typeId": "PHONE", "value": "123"}]
    portal = Portal({"crm.item.list": {"items": [{"id": 5, "name": "Nora", "fm": phones}]}})
    reader = CustomerReader(portal, CustomerCache(), "member", 1)
    assert reader.read([CONTACT])[CONTACT].phones == ("123",)
