"""A place came free: found on opening and after events, offered only while it is free."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
import requests
from flask import Flask

from sandbox.core.model import Booking
from sandbox.portal.portal import Portal
from store.bookings.snapshot import BookingSnapshot
from tests.cast import Cast, Person
from tests.web.booking.steps import booked, coming_booking, slots_in
from tests.web.steps import forget_customers, methods_asked, portal_event, post_event
from waitlist.booking import freed
from waitlist.sources.quirks import Quirks
from web.services import EXTENSION, services_of

FITS = re.compile(r'action="(/bookings/freed/\d+/\d+)"')
MARK = re.compile(r'data-mark="([^"]*)"')
HIDDEN = re.compile(r'name="(first|zone|from|to|resource)" value="([^"]*)"')
RECORDS = re.compile(r'action="/records/(\d+)/booking"')


def call(portal: Portal, method: str, **params: Any) -> None:
    """Call the portal as somebody outside the app does."""
    answer = requests.post(
        f"{portal.webhook_url}booking.v1.booking.{method}", json=params, timeout=60
    )
    assert answer.status_code == 200, answer.text
    portal.requests.clear()


def scan(person: Person, *, opened: bool = True) -> str:
    answer = person.post("/bookings/freed", {"opened": "1"} if opened else {})
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def current_mark(person: Person) -> str:
    return person.post("/records/news", {"until": "0"}).headers["X-Bookings"]


@pytest.fixture
def cancelled(raj: Person, portal: Portal) -> Booking:
    """A booking that was seen and is gone."""
    assert not FITS.findall(scan(raj))
    booking = coming_booking(portal)
    call(portal, "delete", id=booking.id)
    return booking


def test_a_cancelled_booking_is_told_on_the_next_opening(
    olga: Person, portal: Portal, cancelled: Booking
) -> None:
    portal.requests.clear()
    page = scan(olga)
    assert FITS.findall(page) == [f"/bookings/freed/{cancelled.id}/2"]
    assert "Room 2" in page
    assert len(portal.requests) == 2
    portal.requests.clear()
    assert FITS.findall(scan(olga)) == FITS.findall(page)
    assert len(portal.requests) == 1


@pytest.mark.parametrize("far", [1, 100])
def test_a_booking_that_was_moved_is_no_cancellation(raj: Person, portal: Portal, far: int) -> None:
    scan(raj)
    booking = coming_booking(portal)
    shift = far * 24 * 3600
    period = {
        "from": {"timestamp": booking.start + shift, "timezone": "UTC"},
        "to": {"timestamp": booking.end + shift, "timezone": "UTC"},
    }
    call(portal, "update", id=booking.id, fields={"datePeriod": period, "resourceIds": [8]})
    for _ in range(2):
        assert FITS.findall(scan(raj)) == []
    assert len(portal.requests) == (2 if far == 1 else 3)


def test_a_time_that_is_taken_again_vanishes_and_is_not_offered(
    raj: Person, portal: Portal, cancelled: Booking
) -> None:
    (path,) = FITS.findall(scan(raj))
    take(portal, cancelled)
    refused = raj.post(path)
    assert refused.status_code == 409
    assert "This time is taken now." in unescape(refused.text)
    assert FITS.findall(scan(raj)) == []
    assert raj.post("/bookings/freed/999999/2").status_code == 409


def take(portal: Portal, booking: Booking) -> None:
    fields = {"resourceIds": booking.resource_ids, "datePeriod": booking.date_period}
    call(portal, "add", fields=fields)


def test_a_time_that_was_booked_twice_is_not_free_when_one_is_gone(
    raj: Person, portal: Portal
) -> None:
    booking = coming_booking(portal)
    take(portal, booking)
    scan(raj)
    call(portal, "delete", id=booking.id)
    assert FITS.findall(scan(raj)) == []


def test_an_event_is_a_hint_for_every_open_page_and_one_of_them_looks(
    raj: Person,
    olga: Person,
    installed: Cast,
    portal: Portal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(freed, "PAUSE", 0)
    marks = {MARK.findall(scan(one))[0] for one in (raj, olga)}
    assert marks == {current_mark(raj)}
    booking = coming_booking(portal)
    call(portal, "delete", id=booking.id)
    for _ in range(3):
        event = portal_event(installed, "ONBOOKINGDELETE", **{"data[ID]": str(booking.id)})
        assert post_event(installed, event) == 200
    assert current_mark(raj) == current_mark(olga) not in marks
    portal.requests.clear()
    pages = [scan(one, opened=False) for one in (raj, olga)]
    assert [FITS.findall(page) for page in pages] == [[f"/bookings/freed/{booking.id}/2"]] * 2
    assert methods_asked(portal).count("booking.v1.booking.get") == 1
    assert {MARK.findall(page)[0] for page in pages} == {current_mark(raj)}


@pytest.mark.usefixtures("cancelled")
def test_open_pages_ask_for_names_of_resources_only_until_they_are_known(
    app: Flask, olga: Person, raj: Person, portal: Portal
) -> None:
    page = scan(olga)
    portal.requests.clear()
    assert FITS.findall(scan(raj, opened=False)) == FITS.findall(page)
    assert portal.requests == []
    # Another worker does not know them yet.
    app.extensions[EXTENSION] = replace(services_of(app), quirks=Quirks())
    for _ in range(2):
        again = scan(raj, opened=False)
        assert FITS.findall(again) == FITS.findall(page)
        assert "Room 2" in again
    assert methods_asked(portal) == ["booking.v1.resource.list"]


def test_a_flood_of_events_makes_open_pages_look_at_most_every_few_seconds(
    raj: Person, installed: Cast, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freed, "PAUSE", 3600)
    scan(raj)
    portal.requests.clear()
    for number in range(1, 30):
        event = portal_event(installed, "ONBOOKINGUPDATE", **{"data[ID]": str(number)})
        assert post_event(installed, event) == 200
        scan(raj, opened=False)
    assert portal.requests == []
    assert current_mark(raj) != MARK.findall(scan(raj, opened=False))[0]
    monkeypatch.setattr(freed, "PAUSE", 0)
    for _ in range(3):
        scan(raj, opened=False)
    assert len(portal.requests) == 1


def test_a_forged_event_and_one_of_a_former_installation_hint_at_nothing(
    raj: Person, installed: Cast
) -> None:
    mark = current_mark(raj)
    event = portal_event(installed, "ONBOOKINGDELETE", **{"data[ID]": "1"})
    assert post_event(installed, event | {"auth[application_token]": "guessed"}) == 403
    assert current_mark(raj) == mark


def test_without_a_mark_of_change_nothing_is_read(raj: Person, portal: Portal) -> None:
    scan(raj)
    portal.requests.clear()
    assert FITS.findall(scan(raj, opened=False)) == []
    assert portal.requests == []


@pytest.mark.usefixtures("cancelled")
def test_another_portal_sees_nothing(raj: Person, installed_elsewhere: Cast) -> None:
    (path,) = FITS.findall(scan(raj))
    theirs = installed_elsewhere.administrator
    scan(theirs)
    assert FITS.findall(scan(theirs)) == []
    assert theirs.post(path).status_code == 409


@pytest.mark.usefixtures("cancelled")
def test_those_who_wished_for_it_come_first_then_those_who_wait_longest(
    raj: Person, portal: Portal
) -> None:
    (path,) = FITS.findall(scan(raj))
    for record in portal.records.values():
        record.note = None
    oldest, *others = sorted(portal.records)[:10]
    portal.records[oldest].note = "Room 1 only"
    portal.records[others[5]].note = "Prefers room 2"
    portal.requests.clear()
    answer = raj.post(path)
    assert answer.status_code == 200
    assert len(portal.requests) <= 3
    page = unescape(answer.text)
    shown = [int(number) for number in RECORDS.findall(page)]
    assert shown[:9] == [others[5], *others[:5], *others[6:]]
    first = page.partition("</form>")[0]
    assert re.search(r"(waits|added)[^·<]* · note says [^·<]*Room 2", first)
    assert page.count("note says") == 1
    assert page.count("waits ") + page.count("added ") == len(shown)


def test_a_record_opens_with_the_freed_time_chosen(
    raj: Person, portal: Portal, cancelled: Booking
) -> None:
    (path,) = FITS.findall(scan(raj))
    page = unescape(raj.post(path).text)
    number = RECORDS.findall(page)[0]
    fields = dict(HIDDEN.findall(page.partition("</form>")[0]))
    offered = unescape(raj.post(f"/records/{number}/booking", fields).text)
    value = f"2 {cancelled.start} {cancelled.end}"
    assert re.search(rf'aria-pressed="true"[^>]* value="{value}"', offered)
    take(portal, cancelled)
    late = raj.post(f"/records/{number}/booking", fields)
    assert late.status_code == 409
    assert "This time is taken now." in unescape(late.text)


def test_a_freed_time_between_the_usual_places_can_be_chosen(raj: Person, portal: Portal) -> None:
    booking = coming_booking(portal)
    for end in ("from", "to"):
        booking.date_period[end]["timestamp"] += 600
    scan(raj)
    call(portal, "delete", id=booking.id)
    page = unescape(raj.post(FITS.findall(scan(raj))[0]).text)
    fields = dict(HIDDEN.findall(page.partition("</form>")[0]))
    number = RECORDS.findall(page)[0]
    offered = unescape(raj.post(f"/records/{number}/booking", fields).text)
    (slot,) = [one for one in slots_in(offered) if (one.start, one.resource) == (booking.start, 2)]
    assert slot.end == booking.end
    assert not booked(portal, slot)


@pytest.mark.usefixtures("cancelled")
def test_an_uninstall_forgets_the_bookings(app: Flask, raj: Person, portal: Portal) -> None:
    scan(raj)
    shared = services_of(app)
    assert BookingSnapshot(shared.engine, portal.member_id).all()
    shared.portals.uninstall(portal.member_id)
    assert not BookingSnapshot(shared.engine, portal.member_id).all()


@pytest.mark.usefixtures("cancelled")
def test_a_user_without_crm_rights_is_told_nothing_and_asks_for_nothing(
    tomas: Person, portal: Portal
) -> None:
    for _ in range(2):
        assert tomas.post("/bookings/freed", {"opened": "1"}).status_code == 204
        # A mark would make the page ask again.
        assert "X-Bookings" not in tomas.post("/records/news", {"until": "0"}).headers
    assert portal.requests == []


@pytest.mark.usefixtures("cancelled")
def test_a_user_without_crm_rights_is_told_nothing_either_when_that_was_forgotten(
    app: Flask, tomas: Person, portal: Portal
) -> None:
    forget_customers(app)
    for _ in range(2):
        assert tomas.post("/bookings/freed").status_code == 204
    assert len(portal.requests) == 1


def test_a_page_that_opens_while_another_worker_looks_asks_again(
    app: Flask, raj: Person, portal: Portal, cancelled: Booking, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = BookingSnapshot(services_of(app).engine, portal.member_id)
    other = snapshot.begin_scan()
    assert other is not None
    portal.requests.clear()
    page = scan(raj)
    assert portal.requests == []
    assert FITS.findall(page) == []
    # What the other worker has read is older than this page.
    known = snapshot.all()
    assert snapshot.finish_scan(other, known, known, differs=False)
    monkeypatch.setattr(freed, "PAUSE", 0)
    assert current_mark(raj) != MARK.findall(page)[0]
    assert FITS.findall(scan(raj, opened=False)) == [f"/bookings/freed/{cancelled.id}/2"]


def test_a_look_that_fails_changes_nothing_and_the_next_one_looks(
    raj: Person, portal: Portal, cancelled: Booking
) -> None:
    for method in ("booking.v1.booking.list", "booking.v1.booking.get"):
        portal.faults.add("error", method, code="INTERNAL_SERVER_ERROR", count=1)
        assert FITS.findall(unescape(raj.post("/bookings/freed", {"opened": "1"}).text)) == []
    assert FITS.findall(scan(raj)) == [f"/bookings/freed/{cancelled.id}/2"]
