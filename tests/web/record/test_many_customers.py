"""A record or a deal with too many customers is listed, and costs little."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from sandbox.core.model import ClientRow
from sandbox.portal.portal import Portal
from tests.cast import Person
from waitlist.models import MOST_CUSTOMERS, CustomerRef, Kind
from web.presenters.customer_row import customer_row


@pytest.mark.records(3)
@pytest.mark.parametrize("kind", ["CONTACT", "COMPANY"])
@pytest.mark.parametrize("count", [MOST_CUSTOMERS + 1, 3_000])
def test_a_record_with_too_many_customers_is_listed_and_not_changed(
    olga: Person, portal: Portal, kind: str, count: int
) -> None:
    clients = portal.records[1].clients
    clients[:] = [ClientRow(row, "crm", kind, 10_000 + row) for row in range(1, count + 1)]
    assert olga.open().status_code == 200
    for path in ("/records/1", "/records/1/save"):
        answer = olga.post(path, {"note": "New"})
        assert (answer.status_code, "Edit it in Bitrix24" in answer.text) == (409, True)
    assert len(portal.records[1].clients) == count


@pytest.mark.records(3)
def test_a_record_with_as_many_customers_as_allowed_can_be_changed(
    olga: Person, portal: Portal
) -> None:
    clients = portal.records[1].clients
    clients[:] = [ClientRow(row, "crm", "CONTACT", row) for row in range(1, MOST_CUSTOMERS + 1)]
    assert olga.post("/records/1").text.count('name="customer"') == MOST_CUSTOMERS


class NeverRead(tuple[CustomerRef, ...]):
    """Customers that may not be gone through for each of them."""

    __slots__ = ()

    def __iter__(self) -> Iterator[CustomerRef]:
        raise AssertionError("the time of a list would grow with the square of its customers")

    __contains__ = None  # type: ignore[assignment]


@pytest.mark.parametrize("kind", list(Kind))
def test_a_row_goes_through_no_other_customer(app: Flask, kind: Kind) -> None:
    chosen = NeverRead([CustomerRef(kind, number) for number in range(1, 401)])
    with app.test_request_context():
        row = customer_row(CustomerRef(kind, 400), {}, chosen, frozenset())
        company = customer_row(CustomerRef(Kind.COMPANY, 9), {}, chosen, frozenset())
    assert (row.main, row.movable, row.new) == (False, True, True)
    assert company.movable is (kind is Kind.COMPANY)
