"""A booking without an answer is looked for, and never asked for again."""

from __future__ import annotations

from collections.abc import Sequence
from html import unescape

import pytest
from flask import Flask

from sandbox.portal.portal import Portal
from store.bookings.made import MadeBookings
from store.pending.writes import State
from tests.cast import Person
from tests.web.booking.steps import (
    BACK,
    PROMOTE,
    Slot,
    book,
    booked,
    free_slot,
    promotions,
    slots_in,
    wish,
)
from tests.web.steps import let_pass, until_in
from waitlist.pending_writes import FIRST_CHECK, HORIZON
from web.services import services_of

UNKNOWN = "We can't tell whether it was done."


def open_states(app: Flask, portal: Portal) -> list[State]:
    return [write.state for write in services_of(app).writes.of_portal(portal.member_id)]


def send(
    person: Person, number: int, sent: dict[str, str | Sequence[str]], path: str = "book"
) -> str:
    return unescape(person.post(f"/records/{number}/{path}", sent).text)


@pytest.mark.parametrize("fault", ["drop_after", "truncated"])
def test_a_lost_answer_is_looked_up_at_once(
    app: Flask, raj: Person, portal: Portal, number: int, fault: str
) -> None:
    slot = free_slot(raj, number)
    portal.faults.add(fault, PROMOTE, count=1)
    answer = book(raj, number, slot)
    assert answer.status_code == 200
    (booking,) = booked(portal, slot)
    assert f"/bookings/{booking.id}/back" in answer.text
    assert promotions(portal) == 1
    assert open_states(app, portal) == []


@pytest.mark.parametrize("fault", ["late", "drop_before"])
def test_what_may_still_come_is_told_as_unknown_and_not_asked_for_again(
    app: Flask, raj: Person, portal: Portal, number: int, fault: str
) -> None:
    slot = free_slot(raj, number)
    sent = wish(portal, number, slot)
    options = {"seconds": 3600} if fault == "late" else {}
    portal.faults.add(fault, PROMOTE, count=1, **options)
    for _ in range(3):
        assert UNKNOWN in send(raj, number, sent)
    assert promotions(portal) == 0
    assert "We can't tell yet whether it was done." in unescape(raj.open().text)
    if fault == "late":
        portal.late.run_all()
        text = send(raj, number, sent)
        (booking,) = booked(portal, slot)
        assert f"/bookings/{booking.id}/back" in text
        assert "It is booked now." not in unescape(raj.open().text)
    else:
        let_pass(app, HORIZON)
        until = until_in(raj.open().text)
        raj.post("/records/news", {"until": until})
        assert "It was not booked." in unescape(raj.open().text)
        assert "Booked" in send(raj, number, sent)
    assert len(booked(portal, slot)) == 1
    assert promotions(portal) == 1


def test_a_late_booking_is_told_to_a_user_who_has_left_and_the_row_goes(
    app: Flask, raj: Person, portal: Portal, number: int
) -> None:
    slot, until = free_slot(raj, number), until_in(raj.open().text)
    portal.faults.add("late", PROMOTE, count=1, seconds=3600)
    book(raj, number, slot)
    portal.late.run_all()
    let_pass(app, FIRST_CHECK)
    news = unescape(raj.post("/records/news", {"until": until}).text)
    assert f'<span id="record-{number}" hidden>' in news
    assert "It is booked now." in news
    assert open_states(app, portal) == [State.FOUND]
    assert "Back to the waiting list" in raj.post(f"/records/{number}").text


def test_a_worker_that_died_after_the_booking_leaves_it_to_the_next(
    app: Flask, raj: Person, portal: Portal, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot = free_slot(raj, number)
    sent = wish(portal, number, slot)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(MadeBookings, "note_booked", die)
        patch.setattr("waitlist.pending_writes.Claim.close", lambda *_: None)
        with pytest.raises(KeyboardInterrupt):
            raj.post(f"/records/{number}/book", sent)
    assert open_states(app, portal) == [State.ASKED]
    let_pass(app, HORIZON + 30)
    assert "Back to the waiting list" in send(raj, number, sent)
    assert promotions(portal) == 1


def test_a_colleague_waits_for_a_time_that_may_still_be_taken(
    app: Flask, raj: Person, olga: Person, portal: Portal, number: int
) -> None:
    slot = free_slot(raj, number)
    other = next(one for one in portal.records if one != number and portal.clients(one))
    portal.faults.add("late", PROMOTE, count=1, seconds=3600)
    book(raj, number, slot)
    answer = book(olga, other, slot)
    assert answer.status_code == 409
    assert "A colleague is booking this time right now." in answer.text
    assert other in portal.records
    elsewhere = next(one for one in slots_in(answer_offer(olga, other)) if one.resource == 8)
    assert book(olga, other, elsewhere).status_code == 200
    portal.late.run_all()
    assert len(booked(portal, slot)) == 1
    assert app


def answer_offer(person: Person, number: int) -> str:
    return unescape(person.post(f"/records/{number}/booking").text)


def test_a_colleague_gets_the_time_once_it_is_certainly_free(
    app: Flask, raj: Person, olga: Person, portal: Portal, number: int
) -> None:
    slot = free_slot(raj, number)
    other = next(one for one in portal.records if one != number and portal.clients(one))
    portal.faults.add("drop_before", PROMOTE, count=1)
    book(raj, number, slot)
    let_pass(app, HORIZON)
    assert book(olga, other, slot).status_code == 200
    assert number in portal.records


@pytest.mark.parametrize("fault", ["drop_after", "truncated", "late", "drop_before"])
def test_the_way_back_is_looked_up_too(
    app: Flask, raj: Person, portal: Portal, number: int, fault: str
) -> None:
    slot: Slot = free_slot(raj, number)
    book(raj, number, slot)
    (booking,) = booked(portal, slot)
    people, before = [f"{row.code}:{row.id}" for row in booking.clients], set(portal.records)
    options = {"seconds": 3600} if fault == "late" else {}
    portal.faults.add(fault, BACK, count=1, **options)
    path = f"/bookings/{booking.id}/back"
    answer = raj.post(path)
    if fault in ("late", "drop_before"):
        assert UNKNOWN in unescape(answer.text)
        assert UNKNOWN in unescape(raj.post(path).text)
        portal.late.run_all()
        let_pass(app, HORIZON)
        answer = raj.post(path)
    assert answer.status_code == 200
    (back,) = set(portal.records) - before
    assert [f"{kind}:{id}" for kind, id in portal.clients(back)] == people
    assert f'data-record="{back}"' in raj.post(f"/records/{number}").text
