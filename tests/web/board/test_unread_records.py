"""A record whose row is broken costs only itself, and users are told of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from tests.cast import Cast
from tests.web.steps import Spoil
from waitlist.models import CustomerRef, Kind
from web.services import services_of

ONE = "1 record could not be read."
ROW = 'role="option"'
BROKEN: dict[str, Any] = {
    "null": None,
    "text": "broken",
    "a number": 7,
    "an empty array": [],
    "no ID": {"note": "Call"},
    "an ID of null": {"id": None, "note": "Call"},
    "an ID that is a list": {"id": [3]},
    "a note that is a list": {"id": 3, "note": ["Call"]},
}


def instead_of_first(broken: Any) -> Callable[[Any], Any]:
    """Return what replaces the first row of the whole list, which has no filter."""

    def change(result: Any) -> Any:
        rows = result["waitList"]
        return {"waitList": [broken, *rows[1:]]} if len(rows) == 50 else result

    return change


@pytest.mark.records(50)
@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_broken_row_costs_only_its_record(installed: Cast, spoil: Spoil, broken: Any) -> None:
    spoil("booking.v1.waitlist.list", instead_of_first(broken))
    page = installed.administrator.open().text
    assert page.count(ROW) == 49
    assert ONE in page
    assert "Bitrix24 did not answer properly" not in page


@pytest.mark.records(50)
@pytest.mark.parametrize("answer", [None, "x", {"waitListClient": 7}, {"waitListClient": None}])
def test_broken_customers_cost_only_their_record(
    installed: Cast, spoil: Spoil, answer: Any
) -> None:
    read = itertools.count()
    spoil("booking.v1.waitlist.client.list", lambda result: result if next(read) else answer)
    page = installed.administrator.open().text
    assert page.count(ROW) == 49
    assert ONE in page


@pytest.mark.records(50)
@pytest.mark.parametrize("client", [None, 7, {"id": None}, {"id": 5, "type": 7}])
def test_a_broken_customer_keeps_the_record_from_being_saved(
    installed: Cast, spoil: Spoil, client: Any
) -> None:
    """A save would replace the whole list, and so remove whom the app could not read."""
    record = min(installed.portal.records)
    spoil(
        "booking.v1.waitlist.client.list",
        lambda result: {"waitListClient": [*result["waitListClient"], client]},
    )
    assert installed.administrator.open().text.count(ROW) == 50
    before = installed.portal.clients(record)
    answer = installed.administrator.post(
        f"/records/{record}/save", {"base": [], "customer": ["CONTACT:7"]}
    )
    assert answer.status_code == 409
    assert installed.portal.clients(record) == before


@pytest.mark.records(1)
def test_a_list_of_broken_rows_is_not_called_empty(installed: Cast, spoil: Spoil) -> None:
    spoil("booking.v1.waitlist.list", lambda _: {"waitList": [None]})
    page = installed.administrator.open().text
    assert ONE in page
    assert "The waiting list is empty." not in page


@pytest.mark.records(50)
def test_a_record_that_cannot_be_read_is_not_taken_for_removed(
    installed: Cast, spoil: Spoil
) -> None:
    installed.administrator.open()
    services = services_of(installed.administrator.client.application)
    record = next(one for one in installed.portal.records if installed.portal.clients(one))
    kind, number = installed.portal.clients(record)[0]
    key = CustomerRef(Kind(kind), number).key
    member = installed.portal.member_id
    assert record in services.last_seen.records_of(member, key)
    spoil(
        "booking.v1.waitlist.list",
        lambda result: {
            "waitList": [None if row["id"] == record else row for row in result["waitList"]]
        },
    )
    assert installed.administrator.open().text.count(ROW) == 49
    assert record in services.last_seen.records_of(member, key)


@pytest.mark.records(50)
def test_news_of_other_records_arrive_beside_one_that_cannot_be_read(
    installed: Cast, spoil: Spoil
) -> None:
    one, other, *_ = installed.portal.records
    page = installed.administrator.open().text
    until = page.partition('data-until="')[2].partition('"')[0]
    for record in (one, other):
        answer = installed.regular_user.post(f"/records/{record}/save", {"customer": "COMPANY:1"})
        assert "Saved." in answer.text
    spoil(
        "booking.v1.waitlist.get",
        lambda result: None if result["waitList"]["id"] == one else result,
    )
    news = installed.administrator.post("/records/news", {"until": until})
    assert news.status_code == 200
    assert f'id="record-{other}"' in news.text
    assert f'id="record-{one}"' not in news.text
