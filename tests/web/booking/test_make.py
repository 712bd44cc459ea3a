"""From waiting to booked: what goes along, what is read, and where links lead afterwards."""

from __future__ import annotations

from html import unescape

from sandbox.core.model import ExternalRow
from sandbox.portal.colleague import link_client
from sandbox.portal.portal import Portal
from tests.cast import Person
from tests.web.booking.steps import (
    BACK,
    book,
    booked,
    clients_of,
    free_slot,
    offer,
    promotions,
    slots_in,
)
from tests.web.steps import customer_keys, undo_fields, visible_contacts


def test_a_week_of_ten_resources_takes_three_requests(
    raj: Person, portal: Portal, number: int
) -> None:
    portal.requests.clear()
    page = offer(raj, number)
    assert len({slot.resource for slot in slots_in(page)}) == len(portal.state.resources) == 10
    assert len(portal.requests) == 3


def test_free_times_are_for_the_customers_or_the_number_of_a_record(
    raj: Person, portal: Portal, number: int
) -> None:
    empty = next(one for one in portal.records if not portal.clients(one))
    assert f">Booking for record #{empty}</h2>" in offer(raj, empty)
    assert f"Booking for record #{number}" not in offer(raj, number)


def test_a_record_becomes_a_booking_in_two_requests(
    raj: Person, portal: Portal, number: int
) -> None:
    slot = free_slot(raj, number)
    portal.requests.clear()
    answer = book(raj, number, slot)
    assert answer.status_code == 200
    assert len(portal.requests) == 2
    assert f'<span id="record-{number}" hidden>' in answer.text
    (booking,) = booked(portal, slot)
    assert booking.end == slot.end
    assert number not in portal.records


def test_customers_in_their_order_the_note_and_every_link_go_along(
    raj: Person, portal: Portal, number: int
) -> None:
    (extra,) = visible_contacts(portal, number)
    link_client(portal, number, "COMPANY", 3)
    link_client(portal, number, *extra.split(":"))  # type: ignore[arg-type]
    record = portal.records[number]
    record.note = "After four"
    record.external = [ExternalRow("crm", "DEAL", "4"), ExternalRow("catalog", "SKU", "9")]
    keys, slot = customer_keys(portal, number), free_slot(raj, number)
    assert book(raj, number, slot).status_code == 200
    (booking,) = booked(portal, slot)
    assert clients_of(booking) == keys
    assert booking.note == "After four"
    assert booking.external == record.external


def test_the_page_says_when_and_where_and_offers_the_way_back(raj: Person, number: int) -> None:
    slot = free_slot(raj, number)
    text = unescape(book(raj, number, slot).text)
    clock = slot.name.split()[0]
    assert f"{clock} · Room 2" in text.partition('role="status"')[2].partition("</p>")[0]
    assert "Booked" in text
    assert "Back to the waiting list" in text


def test_several_resources_are_booked_together(raj: Person, portal: Portal, number: int) -> None:
    page = slots_in(offer(raj, number))
    here = next(one for one in reversed(page) if one.resource == 2)
    assert book(raj, number, here, 8).status_code == 200
    (booking,) = booked(portal, here)
    assert booking.resource_ids == [2, 8]


def test_what_happens_outside_the_app_is_said_before(
    raj: Person, portal: Portal, number: int
) -> None:
    portal.state.resources[2].notices |= {
        name: False for name, value in portal.state.resources[2].notices.items() if value is True
    }
    portal.state.resources[1].notices["isReminderNotificationOn"] = False
    page = offer(raj, number)
    assert "Room 2 sends the customers no messages." in page
    line = page.partition("as Room 1 is set up:")[2].partition("<")[0]
    assert "to confirm it" in line
    assert "to remind them of it" not in line
    assert "Bitrix24 adds a deal to CRM" in page
    assert "The booking has no name of its own." in page
    portal.records[number].external = [ExternalRow("crm", "DEAL", "4")]
    assert "It stays linked to its deal." in offer(raj, number)


def test_back_on_the_list_the_history_the_links_and_the_deal_lead_to_the_new_number(
    raj: Person, olga: Person, portal: Portal, number: int
) -> None:
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    saved = raj.post(f"/records/{number}/save", {"base": base, "customer": base + new})
    assert undo_fields(saved.text)
    slot = free_slot(raj, number)
    assert book(raj, number, slot).status_code == 200
    (booking,) = booked(portal, slot)
    deals = [row.value for row in booking.external if row.entity_type_id == "DEAL"]
    portal.requests.clear()
    answer = raj.post(f"/bookings/{booking.id}/back")
    assert answer.status_code == 200
    back = max(portal.records)
    assert f"with the new number {back}." in answer.text
    assert f'id="record-{back}"' in answer.text
    assert customer_keys(portal, back) == base + new
    assert [row.value for row in portal.records[back].external] == deals
    history = olga.post(f"/records/{back}/history").text
    assert "Restore this list" in history
    assert "Restore this list" not in olga.post(f"/records/{number}/history").text
    opened = olga.post(f"/records/{number}")
    assert f'data-record="{back}"' in opened.text
    linked = raj.open(placement="REST_APP_URI", options={"record": str(number)})
    assert f'id="record" class="card" aria-label="Record" data-open data-record="{back}"' in (
        linked.text
    )


def test_a_link_to_a_booked_record_shows_its_booking(
    raj: Person, olga: Person, portal: Portal, number: int
) -> None:
    slot = free_slot(raj, number)
    book(raj, number, slot)
    (booking,) = booked(portal, slot)
    for page in (
        olga.post(f"/records/{number}"),
        olga.open(placement="REST_APP_URI", options={"record": str(number)}),
    ):
        assert page.status_code == 200
        assert f"/bookings/{booking.id}/back" in page.text
        assert "Booked" in page.text


def test_a_record_that_was_booked_twice_is_found_by_each_of_its_numbers(
    raj: Person, portal: Portal, number: int
) -> None:
    numbers = [number]
    for resource in (2, 8, 1):
        slot = free_slot(raj, numbers[-1], resource)
        book(raj, numbers[-1], slot)
        (booking,) = booked(portal, slot)
        raj.post(f"/bookings/{booking.id}/back")
        numbers.append(max(portal.records))
    assert len(set(numbers)) == 4
    for one in numbers:
        assert f'data-record="{numbers[-1]}"' in raj.post(f"/records/{one}").text


def test_pressed_twice_it_is_booked_once(raj: Person, portal: Portal, number: int) -> None:
    slot = free_slot(raj, number)
    assert book(raj, number, slot).status_code == 200
    (booking,) = booked(portal, slot)
    again = raj.post(
        f"/records/{number}/book",
        {"resource": "2", "from": str(slot.start), "to": str(slot.end), "zone": "UTC"},
    )
    assert again.status_code == 200
    assert f"/bookings/{booking.id}/back" in again.text
    assert promotions(portal) == 1


def test_put_back_twice_it_is_one_record(raj: Person, portal: Portal, number: int) -> None:
    slot = free_slot(raj, number)
    book(raj, number, slot)
    (booking,) = booked(portal, slot)
    for _ in range(2):
        assert raj.post(f"/bookings/{booking.id}/back").status_code == 200
    asked = [method for request in portal.requests for method in request.methods]
    assert asked.count(BACK) == 1
    assert "is on the waiting list again" not in raj.open().text
