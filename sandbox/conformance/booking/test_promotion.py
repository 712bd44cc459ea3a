"""Records that become bookings, and back"""

from typing import Any

import pytest

from sandbox.conformance.booking.conftest import Book
from sandbox.conformance.conftest import Compare
from sandbox.conformance.rest import Rest
from sandbox.conformance.samples import DEAL, Samples, contact

pytestmark = pytest.mark.usefixtures("may_book")
BACK = "booking.v1.waitlist.createfrombooking"


def clients(portal: Rest, booking: int) -> list[dict[str, Any]]:
    listed = portal.call("booking.v1.booking.client.list", bookingId=booking).result
    return list(listed["bookingClient"])


def deals(portal: Rest, booking: int) -> list[int]:
    listed = portal.call("booking.v1.booking.externalData.list", bookingId=booking).result
    rows = listed["externalData"]
    return [int(row["value"]) for row in rows if row["entityTypeId"] == "DEAL"]


def test_a_record_that_became_a_booking_is_gone_and_the_booking_has_its_clients(
    portal: Rest, samples: Samples, record_id: int, contact_id: int, book: Book
) -> None:
    samples.set_clients(record_id, [contact(contact_id)])
    booking = book(record_id).result
    assert clients(portal, booking) == [contact(contact_id)]
    setting = {"waitListId": record_id, "clients": []}
    assert portal.call("booking.v1.waitlist.client.set", **setting).error == "1040"
    again = book(record_id)
    assert (again.error, again.text) == ("1038", "wait list item not found")


def test_a_deal_is_created_for_the_primary_client(
    portal: Rest, samples: Samples, record_id: int, contact_id: int, book: Book
) -> None:
    samples.set_clients(record_id, [contact(contact_id)])
    (deal,) = deals(portal, book(record_id).result)
    item = portal.call("crm.item.get", entityTypeId=DEAL, id=deal).result["item"]
    shown = item["sourceId"], item["typeId"], item["contactId"]
    assert shown == ("BOOKING", "SERVICES", contact_id)


def test_a_record_with_a_deal_gets_no_other_deal(
    portal: Rest, samples: Samples, record_id: int, book: Book
) -> None:
    deal = samples.create_deal()
    link = {"moduleId": "crm", "entityTypeId": "DEAL", "value": deal}
    setting = {"waitListId": record_id, "externalData": [link]}
    portal.call("booking.v1.waitlist.externalData.set", **setting)
    assert deals(portal, book(record_id).result) == [deal]


def test_the_name_of_a_promoted_booking_is_dropped(
    portal: Rest, record_id: int, book: Book, compare: Compare
) -> None:
    booking = book(record_id, name="Conformance").result
    shown = portal.call("booking.v1.booking.get", id=booking).result["booking"]
    compare(shown["name"], source=None, docs="Conformance")


def test_a_booking_returns_to_the_waiting_list_with_its_note(
    portal: Rest, samples: Samples, record_id: int, contact_id: int, book: Book
) -> None:
    samples.set_clients(record_id, [contact(contact_id)])
    booking = book(record_id).result
    again = samples.keep_record(portal.call(BACK, bookingId=booking).result)
    assert again != record_id
    assert samples.clients(again) == [("CONTACT", contact_id)]
    shown = portal.call("booking.v1.waitlist.get", id=again).result["waitList"]
    assert shown["note"] == samples.marker
    assert portal.call("booking.v1.booking.get", id=booking).error == "1021"
    gone = portal.call(BACK, bookingId=booking)
    assert (gone.error, gone.text) == ("1037", "booking not found")


def test_a_record_that_came_back_is_refilled_from_the_deal_of_its_promotion(
    portal: Rest, samples: Samples, record_id: int, contact_id: int, book: Book
) -> None:
    samples.set_clients(record_id, [contact(contact_id)])
    again = samples.keep_record(portal.call(BACK, bookingId=book(record_id).result).result)
    for left in ([], [("CONTACT", contact_id)]):
        portal.call("booking.v1.waitlist.client.unset", waitListId=again)
        assert samples.clients(again) == left


def test_the_first_client_of_a_booking_is_given_to_its_deal(
    portal: Rest, contact_id: int, book: Book
) -> None:
    booking = book().result
    setting = {"bookingId": booking, "clients": [contact(contact_id)]}
    answer = portal.call("booking.v1.booking.client.set", **setting)
    if answer.body.get("error") == "1025":
        pytest.skip("the portal has no such client type yet: book a customer once")
    (deal,) = deals(portal, booking)
    item = portal.call("crm.item.get", entityTypeId=DEAL, id=deal).result["item"]
    assert item["contactIds"] == [contact_id]


def test_an_hour_can_be_booked_twice_but_not_three_times(record_id: int, book: Book) -> None:
    numbers = [book().result for _ in range(2)]
    text = "Some resources are unavailable for the requested time range: "
    text += ",".join(str(number) for number in numbers)
    for refused, code in ((book(), "1018"), (book(record_id), "1038")):
        assert (refused.error, refused.text) == (code, text)


def test_a_booking_outside_the_working_hours_is_taken(portal: Rest, book: Book) -> None:
    booking = book().result
    # The resource has no working hours at all.
    shown = portal.call("booking.v1.booking.get", id=booking).result["booking"]
    (resource,) = shown["resourceIds"]
    slots = portal.call("booking.v1.resource.slots.list", resourceId=resource).result["slots"]
    assert slots == []


def test_a_booking_is_found_by_what_it_overlaps_and_by_its_first_client(
    portal: Rest, samples: Samples, record_id: int, period: dict[str, Any], book: Book
) -> None:
    first, second = samples.create_contact(), samples.create_contact()
    samples.set_clients(record_id, [contact(first)])
    booking = book(record_id).result
    start, end = period["from"]["timestamp"], period["to"]["timestamp"]
    method = "booking.v1.booking.list"

    resource = portal.call("booking.v1.booking.get", id=booking).result["booking"]["resourceIds"]

    def found(**filters: Any) -> bool:
        rows = portal.call(method, filter=filters, order={"id": "DESC"}).result["booking"]
        numbers = [row["id"] for row in rows]
        assert numbers == sorted(numbers, reverse=True)
        return booking in numbers

    assert found(resourceId=resource)
    assert not found(resourceId=[samples.absent])

    assert found(within={"dateFrom": end - 60, "dateTo": end + 60})
    assert found(within={"dateFrom": start - 60, "dateTo": start + 60})
    assert not found(within={"dateFrom": end, "dateTo": end + 3600})
    assert not found(within={"dateFrom": start - 3600, "dateTo": start})
    entities = [{"module": "crm", "code": "CONTACT", "id": number} for number in (first, second)]
    assert found(client={"entities": entities})
    assert not found(client={"entities": entities[::-1]})


def test_an_update_may_leave_a_booking_without_resources(portal: Rest, book: Book) -> None:
    booking = book().result
    method = "booking.v1.booking.update"
    assert portal.call(method, id=booking, fields={"resourceIds": []}).result is True
    shown = portal.call("booking.v1.booking.get", id=booking).result["booking"]
    assert not shown["resourceIds"]
