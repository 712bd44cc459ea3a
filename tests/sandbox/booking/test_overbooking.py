"""A resource that is booked twice at a time, but not three times."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.portal.portal import Portal
from tests.sandbox.booking.steps import HOUR, NINE, book, fields, promote
from tests.sandbox.steps import Caller, contact, error_of

UNAVAILABLE = "Some resources are unavailable for the requested time range: "


def test_the_third_booking_of_an_hour_is_refused_with_the_ids_of_the_others(
    call: Caller, portal: Portal
) -> None:
    first, second = book(call), book(call, start=NINE + 1800)
    text = f"{UNAVAILABLE}{first},{second}"
    for body, code in (
        (call("booking.v1.booking.add", fields=fields(seconds=2 * HOUR))[1], "1018"),
        (promote(call, 1, start=NINE + 1800), "1038"),
    ):
        assert error_of(body) == (code, text)
    assert 1 in portal.records
    assert book(call, start=NINE + 90 * 60)
    assert book(call, start=NINE - HOUR)


def test_two_bookings_that_do_not_meet_leave_room_for_one_over_both(call: Caller) -> None:
    book(call)
    book(call, start=NINE + HOUR)
    assert book(call, seconds=2 * HOUR)


def test_another_resource_is_free_and_one_taken_resource_is_enough(call: Caller) -> None:
    first, second = book(call), book(call)
    assert book(call, 2)
    body = call("booking.v1.booking.add", fields=fields(3, 1))[1]
    assert body["error_description"] == f"{UNAVAILABLE}{first},{second}"


def test_deleted_bookings_and_the_booking_itself_take_no_time(call: Caller) -> None:
    first, second = book(call), book(call)
    assert call("booking.v1.booking.update", id=first, fields={"name": "Same time"})[0] == 200
    call("booking.v1.booking.delete", id=second)
    third = book(call)
    moved = {"datePeriod": fields(start=NINE + 60)["datePeriod"]}
    assert call("booking.v1.booking.update", id=third, fields=moved)[0] == 200
    fourth = book(call, start=NINE + 86_400)
    body = call(
        "booking.v1.booking.update", id=fourth, fields={"datePeriod": fields()["datePeriod"]}
    )
    assert (body[1]["error"], body[1]["error_description"]) == (
        "1019",
        f"{UNAVAILABLE}{first},{third}",
    )


@pytest.mark.parametrize("start", [NINE, NINE + 3540, NINE - 3540])
def test_without_the_feature_any_overlap_is_refused(
    call: Caller, portal: Portal, start: int
) -> None:
    first = book(call)
    portal.state.features["booking_overbooking"] = False
    assert error_of(promote(call, 1, start=start)) == ("1038", f"{UNAVAILABLE}{first}")
    assert promote(call, 1, start=NINE + HOUR)["result"]


def test_a_change_of_clients_or_links_checks_the_time_and_the_features_again(
    call: Caller, portal: Portal
) -> None:
    first, second = book(call), book(call, 1, 2)
    changes: dict[str, dict[str, Any]] = {
        "booking.v1.booking.client.set": {"clients": [contact(1)]},
        "booking.v1.booking.externalData.unset": {},
    }
    for method, more in changes.items():
        assert call(method, bookingId=second, **more)[1]["result"] is True
    portal.state.features["booking_overbooking"] = False
    for method, more in changes.items():
        body = call(method, bookingId=second, **more)[1]
        assert error_of(body) == ("1019", f"{UNAVAILABLE}{first}")
    portal.state.features["booking_multi"] = False
    for method, more in changes.items():
        text = "Multi-resource booking feature is not available"
        assert error_of(call(method, bookingId=second, **more)[1]) == ("0", text)
