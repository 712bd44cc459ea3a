"""Records that become bookings, and back"""

from __future__ import annotations

import pytest

from sandbox.conformance.rest import Rest
from sandbox.conformance.samples import Samples, contact

pytestmark = pytest.mark.usefixtures("may_book")
PROMOTE, BACK = "booking.v1.booking.createfromwaitlist", "booking.v1.waitlist.createfrombooking"
# A day in 2036, which is free on any portal.
PERIOD = {
    "from": {"timestamp": 2082790800, "timezone": "UTC"},
    "to": {"timestamp": 2082794400, "timezone": "UTC"},
}


@pytest.fixture(scope="module")
def resource(portal: Rest) -> int:
    rows = portal.call("booking.v1.resource.list").result["resource"]
    if not rows:
        pytest.skip("the portal has no resource")
    return int(rows[0]["id"])


def test_a_record_that_became_a_booking_is_gone_and_the_booking_has_its_clients(
    portal: Rest, samples: Samples, record_id: int, contact_id: int, resource: int
) -> None:
    samples.set_clients(record_id, [contact(contact_id)])
    fields = {"resourceIds": [resource], "datePeriod": PERIOD}
    promote = "booking.v1.booking.createfromwaitlist"
    booking = samples.keep_booking(portal.call(promote, waitListId=record_id, fields=fields).result)
    rows = portal.call("booking.v1.booking.client.list", bookingId=booking).result["bookingClient"]
    assert rows == [contact(contact_id)]
    assert portal.call(
        "booking.v1.waitlist.client.set", waitListId=record_id, clients=[]
    ).error == ("1040")
    assert portal.call(promote, waitListId=record_id, fields=fields).error == "1038"


def test_a_booking_returns_to_the_waiting_list_with_its_note(
    portal: Rest, samples: Samples, record_id: int, contact_id: int, resource: int
) -> None:
    samples.set_clients(record_id, [contact(contact_id)])
    fields = {"resourceIds": [resource], "datePeriod": PERIOD}
    promote, back = "booking.v1.booking.createfromwaitlist", "booking.v1.waitlist.createfrombooking"
    booking = samples.keep_booking(portal.call(promote, waitListId=record_id, fields=fields).result)
    again = samples.keep_record(portal.call(back, bookingId=booking).result)
    assert samples.clients(again) == [("CONTACT", contact_id)]
    shown = portal.call("booking.v1.waitlist.get", id=again).result["waitList"]
    assert shown["note"] == samples.marker
    assert portal.call("booking.v1.booking.get", id=booking).error == "1021"
    assert portal.call(back, bookingId=booking).error == "1037"
