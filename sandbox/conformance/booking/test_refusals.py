"""What is refused before a booking is made"""

from typing import Any

import pytest

from sandbox.conformance.rest import Rest
from sandbox.conformance.samples import Samples

ADD, UPDATE = "booking.v1.booking.add", "booking.v1.booking.update"
PROMOTE, BACK = "booking.v1.booking.createfromwaitlist", "booking.v1.waitlist.createfrombooking"
NINE = {"timestamp": 2082790800, "timezone": "UTC"}
TEN = {"timestamp": 2082794400, "timezone": "UTC"}
PERIOD = {"from": NINE, "to": TEN}


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "Required fields: resourceIds, datePeriod"),
        ({"resourceIds": [1], "datePeriod": "x"}, "Required fields: datePeriod"),
        ({"resourceIds": [1], "datePeriod": {}}, "Required fields: from, to"),
        (
            {"resourceIds": [1], "datePeriod": {"from": {}, "to": TEN}},
            "Required fields: timestamp, timezone",
        ),
    ],
    ids=["nothing", "text for the period", "empty period", "empty begin"],
)
def test_missing_fields_are_named_before_an_absent_record(
    portal: Rest, samples: Samples, fields: dict[str, Any], text: str
) -> None:
    answer = portal.call(PROMOTE, waitListId=samples.absent, fields=fields)
    assert (answer.error, answer.text) == ("0", text)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"resourceIds": 1}, "Parameter resourceIds must be array"),
        ({"resourceIds": ["x"]}, "Parameter resourceIds must be array of integers"),
        ({"datePeriod": {"from": NINE, "to": NINE}}, "Invalid date period"),
        ({"datePeriod": {"from": TEN, "to": NINE}}, "Invalid date period"),
        (
            {"datePeriod": {"from": NINE, "to": {**TEN, "timezone": "Europe/Nowhere"}}},
            "Invalid date period",
        ),
    ],
    ids=["one resource", "not a number", "no time", "backwards", "unknown zone"],
)
def test_invalid_resources_and_periods_come_before_an_absent_record(
    portal: Rest, samples: Samples, fields: dict[str, Any], text: str
) -> None:
    given = {"resourceIds": [samples.absent], "datePeriod": PERIOD, **fields}
    answer = portal.call(PROMOTE, waitListId=samples.absent, fields=given)
    assert (answer.error, answer.text) == ("422", text)


def test_an_absent_record_comes_before_an_unknown_resource(portal: Rest, samples: Samples) -> None:
    given = {"resourceIds": [samples.absent], "datePeriod": PERIOD}
    answer = portal.call(PROMOTE, waitListId=samples.absent, fields=given)
    assert (answer.error, answer.text) == ("1038", "wait list item not found")


def test_unknown_resources_are_named(portal: Rest, samples: Samples, record_id: int) -> None:
    first, second = samples.absent, samples.absent + 1
    given = {"resourceIds": [first, second], "datePeriod": PERIOD}
    text = f"Some resources were not found: {first}, {second}"
    for answer, code in (
        (portal.call(ADD, fields=given), "1018"),
        (portal.call(PROMOTE, waitListId=record_id, fields=given), "1038"),
    ):
        assert (answer.error, answer.text) == (code, text)
    shown = portal.call("booking.v1.waitlist.get", id=record_id).result["waitList"]
    assert shown["note"] == samples.marker


def test_no_resource_at_all_is_refused(portal: Rest, record_id: int) -> None:
    given = {"resourceIds": [], "datePeriod": PERIOD}
    answer = portal.call(PROMOTE, waitListId=record_id, fields=given)
    assert (answer.error, answer.text) == ("1038", "Empty resource collection")


def test_each_method_has_its_own_code_for_an_absent_booking(portal: Rest, samples: Samples) -> None:
    gone = {"id": samples.absent}
    links = "booking.v1.booking.externalData.list"
    for answer, code, text in (
        (portal.call("booking.v1.booking.get", **gone), "1021", "Booking not found"),
        (portal.call(UPDATE, **gone, fields={}), "1019", "Booking not found"),
        (portal.call("booking.v1.booking.delete", **gone), "1020", "booking not found"),
        (portal.call(links, bookingId=samples.absent), "1021", "Booking not found"),
        (portal.call(BACK, bookingId=samples.absent), "1037", "booking not found"),
    ):
        assert (answer.error, answer.text) == (code, text)


@pytest.mark.parametrize(
    ("filters", "text"),
    [
        ({"within": {"dateFrom": 1}}, "Required fields: dateTo"),
        ({"client": {}}, "Required fields: entities"),
        ({"client": {"entities": [{"id": 1}]}}, "Required fields: module, code"),
        ({"createdWithin": {}}, "Required fields: from, to"),
    ],
    ids=["within", "client", "entities", "createdWithin"],
)
def test_a_filter_of_bookings_names_its_missing_fields(
    portal: Rest, filters: dict[str, Any], text: str
) -> None:
    answer = portal.call("booking.v1.booking.list", filter=filters)
    assert (answer.error, answer.text) == ("0", text)


def test_an_unknown_filter_of_bookings_is_ignored(portal: Rest, samples: Samples) -> None:
    everything = portal.call("booking.v1.booking.list", order={"id": "ASC"}).result
    answer = portal.call(
        "booking.v1.booking.list", filter={"id": samples.absent}, order={"id": "ASC"}
    )
    assert answer.result == everything
