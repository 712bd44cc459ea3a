"""A broken row costs only itself in a tab. Users are told of a missing record."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.portal.portal import Portal
from tests.cast import Person
from tests.web.cards.steps import (
    deal_customers,
    linked_deal,
    linked_to,
    on_records,
    open_card,
    open_deal,
    records_of,
)
from tests.web.steps import Spoil

ONE = "1 record could not be read."
BROKEN: list[Any] = [None, 7, {"note": ["x"]}]


@pytest.mark.records(137)
@pytest.mark.parametrize("broken", BROKEN, ids=["null", "a number", "a note that is a list"])
def test_a_broken_record_hides_no_other_one_of_the_customer(
    raj: Person, portal: Portal, spoil: Spoil, broken: Any
) -> None:
    key = on_records(portal, 2)
    first, other = records_of(portal, key)
    assert ONE not in open_card(raj, key)
    spoil(
        "booking.v1.waitlist.get",
        lambda result: {"waitList": broken} if result["waitList"]["id"] == first else result,
    )
    page = open_card(raj, key)
    assert ONE in page
    assert f'id="row-{first}"' not in page
    assert f'id="row-{other}"' in page


@pytest.mark.records(137)
@pytest.mark.parametrize("broken", [None, 7, {"note": "Call"}])
def test_a_broken_record_hides_no_other_one_to_choose(
    raj: Person, portal: Portal, spoil: Spoil, broken: Any
) -> None:
    key, deal = on_records(portal, 1), linked_deal(portal)
    spoil(
        "booking.v1.waitlist.list",
        lambda result: {"waitList": [broken, *result["waitList"][1:]]},
    )
    raj.open()
    for path, fields in (
        ("/card/records", {"customer": key}),
        ("/card/deal/records", {"deal": str(deal), "all": key}),
    ):
        text = raj.post(path, fields).text
        assert text.count('role="option"') > 100
        assert "could not be read." in text


@pytest.mark.records(137)
def test_a_broken_activity_hides_no_other_record(raj: Person, portal: Portal, spoil: Spoil) -> None:
    key = on_records(portal, 2)
    spoil("crm.activity.list", lambda result: [None, *result])
    page = open_card(raj, key)
    assert all(f'id="row-{record}"' in page for record in records_of(portal, key))
    assert "There may be more records." in page


@pytest.mark.parametrize("broken", [None, {"externalData": None}, {"externalData": [None]}])
def test_a_record_whose_links_are_broken_is_told_in_the_deals_tab(
    raj: Person, portal: Portal, spoil: Spoil, broken: Any
) -> None:
    deal = linked_deal(portal)
    (record,) = linked_to(portal, deal)
    spoil("booking.v1.waitlist.externaldata.list", lambda _: broken)
    page = open_deal(raj, deal)
    assert ONE in page
    assert f'id="pick-{record}"' not in page
    assert "Customers of this deal" in page


@pytest.mark.parametrize("broken", [None, 7, "x"])
def test_a_broken_contact_hides_no_other_customer_of_the_deal(
    raj: Person, portal: Portal, spoil: Spoil, broken: Any
) -> None:
    deal = linked_deal(portal)
    spoil("crm.deal.contact.items.get", lambda result: [broken, *result[1:]])
    page = open_deal(raj, deal)
    assert all(f'value="{key}" checked' in page for key in deal_customers(portal, deal))


@pytest.mark.parametrize("broken", BROKEN, ids=["null", "a number", "a note that is a list"])
def test_the_history_of_a_broken_record_is_shown(
    raj: Person, portal: Portal, spoil: Spoil, broken: Any
) -> None:
    record = min(portal.records)
    raj.open()
    assert "Saved." in raj.post(f"/records/{record}/save", {"customer": "COMPANY:1"}).text
    spoil("booking.v1.waitlist.get", lambda _: {"waitList": broken})
    answer = raj.post(f"/records/{record}/history")
    assert answer.status_code == 200
    assert "Previous list: " in answer.text
