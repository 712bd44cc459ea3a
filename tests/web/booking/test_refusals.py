"""Every refusal keeps the record on the waiting list and says what to do."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest

from sandbox.portal.colleague import link_client
from sandbox.portal.portal import Portal
from tests.cast import Person
from tests.web.booking.steps import (
    Slot,
    book,
    booked,
    free_slot,
    native_booking,
    offer,
    promotions,
    slots_in,
    wish,
)
from waitlist.booking import promote


def delete_resource(portal: Portal, slot: Slot) -> None:
    portal.state.resources[slot.resource].deleted_at = portal.hub.clock.now()


def switch_off(feature: str) -> Callable[[Portal, Slot], None]:
    def switch(portal: Portal, _slot: Slot) -> None:
        portal.state.features[feature] = False

    return switch


def switch_tool_off(portal: Portal, _slot: Slot) -> None:
    portal.state.booking_tool = False


def refuse(code: str, text: str) -> Callable[[Portal, Slot], None]:
    def arm(portal: Portal, _slot: Slot) -> None:
        portal.faults.add(
            "error", "booking.v1.booking.createfromwaitlist", code=code, description=text
        )

    return arm


@pytest.mark.parametrize(
    ("arm", "said", "step"),
    [
        (native_booking, "This time is taken now.", "Choose another time."),
        (delete_resource, "is no longer in Online Booking.", "Choose another time."),
        (switch_off("booking"), "Your Bitrix24 plan does not include", "Ask your administrator."),
        (switch_tool_off, "Online Booking is switched off", "Settings"),
    ],
)
def test_a_refusal_keeps_the_record_and_says_what_to_do(
    raj: Person,
    portal: Portal,
    number: int,
    arm: Callable[[Portal, Slot], None],
    said: str,
    step: str,
) -> None:
    slot = free_slot(raj, number)
    before = len(portal.state.bookings)
    arm(portal, slot)
    taken = len(portal.state.bookings) - before
    answer = book(raj, number, slot)
    text = unescape(answer.text)
    assert answer.status_code >= 400
    assert said in text
    assert step in text
    assert "Nothing was changed." in text
    assert number in portal.records
    assert len(portal.state.bookings) == before + taken


@pytest.mark.parametrize("shift", [-1800, 1800])
def test_a_booking_that_takes_a_part_of_the_time_is_in_the_way(
    raj: Person, portal: Portal, number: int, shift: int
) -> None:
    slot = free_slot(raj, number)
    native_booking(portal, slot, shift=shift)
    answer = book(raj, number, slot)
    assert "This time is taken now." in answer.text
    assert slot.name not in [one.name for one in slots_in(answer.text) if one == slot]
    assert promotions(portal) == 0


def test_bookings_before_and_after_are_not_in_the_way(
    raj: Person, portal: Portal, number: int
) -> None:
    slot = free_slot(raj, number)
    native_booking(portal, slot, shift=slot.start - slot.end)
    native_booking(portal, slot, shift=slot.end - slot.start)
    assert book(raj, number, slot).status_code == 200


def test_a_tariff_for_one_resource_refuses_two_and_says_so(
    raj: Person, portal: Portal, number: int
) -> None:
    slot = free_slot(raj, number)
    portal.state.features["booking_multi"] = False
    answer = book(raj, number, slot, 8)
    assert "Your Bitrix24 plan books one resource at a time." in answer.text
    assert number in portal.records
    assert book(raj, number, slot).status_code == 200


def test_a_time_that_has_passed_is_not_asked_for(raj: Person, portal: Portal, number: int) -> None:
    slot = free_slot(raj, number)
    gone = Slot(slot.name, slot.resource, 1_600_000_000, 1_600_003_600)
    answer = book(raj, number, gone)
    assert "This time has passed." in answer.text
    assert promotions(portal) == 0


@pytest.mark.parametrize(
    ("code", "text", "said"),
    [
        (
            "1038",
            "Some resources are unavailable for the requested time range: 3,4",
            "is taken now",
        ),
        ("1038", "Some resources were not found: 2", "is no longer in Online Booking"),
        ("1038", "wait list item not found", "no longer exists"),
        ("1038", "Deadlock found when trying to get lock", "The booking could not be made."),
        ("1038", "Empty resource collection", "The booking could not be made."),
    ],
)
def test_each_form_of_the_refusal_has_its_words(
    raj: Person, portal: Portal, number: int, code: str, text: str, said: str
) -> None:
    slot = free_slot(raj, number)
    refuse(code, text)(portal, slot)
    answer = book(raj, number, slot)
    assert said in unescape(answer.text)
    assert "Deadlock" not in answer.text
    assert number in portal.records


def test_a_record_that_a_colleague_has_changed_is_shown_before_it_is_booked(
    raj: Person, portal: Portal, number: int
) -> None:
    slot = free_slot(raj, number)
    sent = wish(portal, number, slot)
    link_client(portal, number, "COMPANY", 3)
    answer = raj.post(f"/records/{number}/book", sent)
    assert answer.status_code == 409
    assert "A colleague has changed this record in the meantime." in answer.text
    assert 'value="COMPANY:3"' in answer.text
    assert 'aria-pressed="true"' in answer.text
    assert number in portal.records
    assert book(raj, number, slot).status_code == 200


def test_a_user_without_access_to_crm_books_nothing(
    tomas: Person, raj: Person, portal: Portal, number: int
) -> None:
    slot = free_slot(raj, number)
    answer = book(tomas, number, slot)
    assert answer.status_code == 403
    assert number in portal.records
    assert booked(portal, slot) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"resource": "x"},
        {"resource": []},
        {"resource": [str(one) for one in range(1, 40)]},
        {"from": "9", "to": "8"},
        {"from": "1e9"},
        {"to": "99999999999"},
        {"zone": "Atlantis/Old"},
        {"zone": "../../etc/passwd"},
        {"first": "yesterday"},
    ],
)
def test_a_form_that_is_not_ours_books_nothing(
    raj: Person, portal: Portal, number: int, changes: dict[str, str]
) -> None:
    slot = free_slot(raj, number)
    answer = raj.post(f"/records/{number}/book", {**wish(portal, number, slot), **changes})
    assert answer.status_code == 400
    assert promotions(portal) == 0


def test_a_portal_without_resources_says_what_to_do(
    raj: Person, portal: Portal, number: int
) -> None:
    portal.state.resources.clear()
    assert "Online Booking has no resources yet." in offer(raj, number)


def test_an_overlap_that_the_portal_lets_through_is_told_with_a_way_out(
    raj: Person, portal: Portal, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot = free_slot(raj, number)

    def check(*args: object) -> object:
        result = checked(*args)  # type: ignore[arg-type]
        native_booking(portal, slot)
        return result

    checked = promote._check
    monkeypatch.setattr(promote, "_check", check)
    answer = book(raj, number, slot)
    assert answer.status_code == 200
    assert "Another booking has the same time:" in answer.text
    assert "Back to the waiting list" in answer.text
    assert number not in portal.records
