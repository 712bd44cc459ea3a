"""The CRM mirror is read in all forms in which a portal writes it, or not at all."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitrix24.answers import decode
from bitrix24.lists import Listing
from waitlist.models import Age, Customer, CustomerRef, Kind, Record
from waitlist.sources.ages import with_age
from waitlist.sources.crm_mirror import Activity, agrees, mirror_in, mirror_record

ANNA, BEN, FIRM = (
    CustomerRef(Kind.CONTACT, 5),
    CustomerRef(Kind.CONTACT, 7),
    CustomerRef(Kind.COMPANY, 7),
)
CLIENTS = [
    {"typeModule": "crm", "typeCode": "COMPANY", "id": 7, "phones": []},
    {"typeModule": "crm", "typeCode": "CONTACT", "id": "5"},
]


def activity(settings: Any, **changes: Any) -> Activity:
    row = {
        "ID": "90",
        "ASSOCIATED_ENTITY_ID": "12",
        "CREATED": "2026-03-10T09:30:00+02:00",
        "SETTINGS": settings,
        **changes,
    }
    return decode(row, Activity)


@pytest.mark.parametrize(
    "settings",
    [
        {"FIELDS": {"clients": CLIENTS}},
        json.dumps({"FIELDS": {"clients": CLIENTS}}),
        {"FIELDS": json.dumps({"clients": CLIENTS})},
        {"FIELDS": {"clients": [*CLIENTS, CLIENTS[0]]}},
    ],
)
def test_settings_may_come_as_an_object_or_as_text(settings: Any) -> None:
    record = mirror_record(activity(settings))
    assert record
    assert record.record_id == 12
    assert record.customers == (FIRM, ANNA)
    assert record.created == datetime(2026, 3, 10, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "settings",
    [
        [],
        "",
        "{",
        "[]",
        None,
        {"FIELDS": []},
        {"FIELDS": {"clients": None}},
        {"FIELDS": {"clients": [{"typeCode": "LEAD", "id": 5}]}},
        {"FIELDS": {"clients": [{"typeCode": "CONTACT"}]}},
        {"FIELDS": {"clients": [7]}},
    ],
)
def test_settings_without_known_customers_tell_nothing(settings: Any) -> None:
    record = mirror_record(activity(settings))
    assert record
    assert record.customers is None


def test_no_customers_differs_from_unknown_customers() -> None:
    record = mirror_record(activity({"FIELDS": {"clients": []}}))
    assert record
    assert record.customers == ()


@pytest.mark.parametrize("created", ["", None, "10.03.2026 09:30", "2026-03-10T09:30:00"])
def test_a_moment_that_is_none_is_not_guessed(created: Any) -> None:
    record = mirror_record(activity([], CREATED=created))
    assert record
    assert record.created is None


@pytest.mark.parametrize("number", ["", None, "x", []])
def test_a_row_without_a_record_is_none(number: Any) -> None:
    assert mirror_record(activity([], ASSOCIATED_ENTITY_ID=number)) is None
    assert mirror_record(Activity(90)) is None


def test_a_later_activity_of_a_record_says_it_better_and_others_are_left_out() -> None:
    rows = {
        1: activity({"FIELDS": {"clients": []}}),
        2: activity({"FIELDS": {"clients": CLIENTS}}, CREATED=""),
        3: activity({"FIELDS": {"clients": CLIENTS}}, ASSOCIATED_ENTITY_ID="99"),
    }
    customers, created, linked = mirror_in(Listing(rows), {12})
    assert customers == {12: (FIRM, ANNA)}
    assert created.keys() == {12}
    assert linked == frozenset()


@pytest.mark.parametrize(
    ("external", "linked"),
    [([{"value": "15"}], {12}), ([], set()), ({}, set()), (None, set()), ({"0": {}}, {12})],
)
def test_the_mirror_tells_which_records_are_linked(external: Any, linked: set[int]) -> None:
    fields = {"clients": CLIENTS, "externalData": external}
    customers, _created, found = mirror_in(Listing({1: activity({"FIELDS": fields})}), {12})
    assert (customers, set(found)) == ({12: (FIRM, ANNA)}, linked)


SEEN = {ref: Customer(ref, "Somebody") for ref in (ANNA, BEN, FIRM)}
HIDDEN = SEEN | {BEN: Customer(BEN, None)}


@pytest.mark.parametrize(
    ("mirrored", "listed", "names", "right"),
    [
        ((ANNA, BEN), (ANNA, BEN), SEEN, True),
        ((FIRM, ANNA), (ANNA, FIRM), SEEN, True),
        ((ANNA, BEN), (BEN, ANNA), SEEN, False),
        ((ANNA,), (ANNA, BEN), SEEN, False),
        ((ANNA, BEN), (ANNA,), SEEN, False),
        ((ANNA, BEN), (ANNA,), HIDDEN, True),
        ((ANNA, BEN), (ANNA, BEN), HIDDEN, True),
        ((ANNA, BEN), (), SEEN, True),
        ((), (ANNA,), SEEN, False),
        ((), (), SEEN, True),
    ],
)
def test_only_what_has_no_other_reason_is_a_lie(
    mirrored: Any, listed: Any, names: Any, right: bool
) -> None:
    assert agrees(mirrored, listed, names) is right


@given(st.integers(0, 400), st.integers(0, 23))
def test_an_age_goes_by_days_as_the_windows_of_a_portal_do(days: int, hour: int) -> None:
    today = date(2026, 3, 10)
    moment = datetime(2026, 3, 10, hour, tzinfo=UTC) - timedelta(days=days)
    wanted = Age.OLDER
    for most, age in ((29, Age.MONTH), (6, Age.WEEK), (0, Age.TODAY)):
        wanted = age if days <= most else wanted
    record = with_age(Record(1), moment, today)
    assert (record.age, record.days) == (wanted, days)


def test_a_moment_that_the_clocks_disagree_on_is_today() -> None:
    ahead = datetime(2026, 3, 11, 0, 5, tzinfo=UTC)
    record = with_age(Record(1), ahead, date(2026, 3, 10))
    assert (record.age, record.days) == (Age.TODAY, 0)


def test_a_doubted_mirror_says_the_days_but_no_other_age_than_the_waiting_list() -> None:
    made, today = datetime(2026, 3, 8, 12, tzinfo=UTC), date(2026, 3, 10)
    known, otherwise = Record(1, age=Age.WEEK), Record(1, age=Age.OLDER)
    assert with_age(known, made, today, trusted=False).days == 2
    assert with_age(otherwise, made, today, trusted=False) == otherwise
