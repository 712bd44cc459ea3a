"""Wishes in notes: chips beside the note, and marks on the free times."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from flask import Flask

from sandbox.portal.portal import Portal
from tests.cast import Person
from tests.web.booking.steps import Slot, native_booking, offer, slots_in
from tests.web.steps import customer_keys, visible_contacts, writes
from waitlist.sources.quirks import Quirks
from web.services import EXTENSION, services_of

CHIPS = re.compile(r'<div id="wishes".*?</div>', re.DOTALL)
FITTING = re.compile(
    r'class="slot fits" aria-describedby="fits"[^>]*aria-label="([^"]+)" title="[^"]+"'
    r' value="(\d+) (\d+) (\d+)"'
)
NOTE = (
    "Mondays\u00a0 or\twednesdays  from 9:00,\n"
    "\u200froom 2 \U0001f468\u200d\U0001f469 \u2014 e\u0301 & <b>"
)
"""Odd spaces, marks, accents in two parts, and what HTML would take for its own."""


def chips_in(page: str) -> list[str]:
    found = CHIPS.search(unescape(page))
    return re.findall(r"<li><bdi>(.*?)</bdi>", found[0]) if found else []


def with_note(portal: Portal, number: int, note: str) -> int:
    portal.records[number].note = note
    return number


def fitting_in(page: str) -> list[tuple[str, int, datetime]]:
    """Return names, resources and begins of the marked times."""
    return [
        (name, int(resource), datetime.fromtimestamp(int(begin), UTC))
        for name, resource, begin, _ in FITTING.findall(page)
    ]


def test_wishes_stand_beside_the_note_without_a_request_of_their_own(
    raj: Person, portal: Portal, number: int
) -> None:
    with_note(portal, number, "Mon-Wed mornings, Thu after 16:00, room 2, not with Dr. Falk")
    portal.requests.clear()
    page = raj.post(f"/records/{number}").text
    assert chips_in(page) == ["Room 2", "Mon\u2013Wed mornings", "Thu from 16:00", "not Dr. Falk"]
    assert len(portal.requests) == 1
    portal.requests.clear()
    raj.post(f"/records/{number}")
    methods = [method for request in portal.requests for method in request.methods]
    assert "booking.v1.resource.list" not in methods


def test_a_note_keeps_every_byte_while_its_wishes_are_shown(
    raj: Person, portal: Portal, number: int
) -> None:
    with_note(portal, number, NOTE)
    opened = raj.post(f"/records/{number}")
    assert chips_in(opened.text) == ["Room 2", "Mon, Wed from 9:00"]
    offer(raj, number)
    assert writes(portal) == []
    keys, new = customer_keys(portal, number), visible_contacts(portal, number)
    shown = unescape(re.findall(r'name="base_note" value="([^"]*)"', opened.text)[0])
    fields = {"base": keys, "customer": keys + new, "base_note": shown, "note": shown}
    saved = raj.post(f"/records/{number}/save", fields)
    assert saved.status_code == 200
    assert chips_in(saved.text) == ["Room 2", "Mon, Wed from 9:00"]
    assert portal.records[number].note == NOTE


def test_a_save_shows_the_wishes_of_the_new_note(raj: Person, portal: Portal, number: int) -> None:
    with_note(portal, number, "Mondays")
    raj.post(f"/records/{number}")
    keys = customer_keys(portal, number)
    note = "  po 16,  nie w piątki "
    saved = raj.post(
        f"/records/{number}/save",
        {"base": keys, "customer": keys, "base_note": "Mondays", "note": note},
    )
    assert chips_in(saved.text) == ["from 16:00", "not Fri"]
    assert (portal.records[number].note or "").strip() == note.strip()


@pytest.mark.parametrize(
    ("lang", "chips"),
    [
        ("de", ["Mo vormittags", "nicht Do"]),
        ("fr", ["lun le matin", "sauf jeu"]),
        ("la", ["lun por la mañana", "excepto jue"]),
        ("it", ["lun di mattina", "tranne gio"]),
        ("pl", ["pon rano", "nie czw"]),
        ("br", ["seg de manhã", "exceto qui"]),
        ("ar", ["الاثنين صباحًا", "ما عدا الخميس"]),
    ],
)
def test_chips_are_in_the_language_of_the_reader(
    raj: Person, portal: Portal, number: int, lang: str, chips: list[str]
) -> None:
    with_note(portal, number, "montags vormittags, nicht donnerstags")
    raj.open(lang=lang)
    assert chips_in(raj.post(f"/records/{number}").text) == chips


def test_a_record_opens_without_the_names_of_resources(
    app: Flask, raj: Person, portal: Portal, number: int
) -> None:
    with_note(portal, number, "Room 2, mornings")
    app.extensions[EXTENSION] = replace(services_of(app), quirks=Quirks())
    portal.faults.add("error", "booking.v1.resource.list", code="0", description="Not available")
    opened = raj.post(f"/records/{number}")
    assert opened.status_code == 200
    assert chips_in(opened.text) == ["mornings"]


def test_the_record_that_opens_with_the_main_page_has_its_wishes(
    raj: Person, portal: Portal, number: int
) -> None:
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    raj.post(f"/records/{number}/save", {"base": base, "customer": base + new})
    with_note(portal, number, "room 2")
    assert chips_in(raj.open().text) == ["Room 2"]


def test_times_that_fit_are_marked_and_the_first_is_offered(
    raj: Person, portal: Portal, number: int
) -> None:
    with_note(portal, number, "Tue or Thu from 10 to 12, room 2")
    page = offer(raj, number)
    marked = fitting_in(page)
    offset = timedelta(hours=portal.state.utc_offset)
    local = {(begin + offset).strftime("%a %H:%M") for _, _, begin in marked}
    assert {resource for _, resource, _ in marked} == {2}
    assert local <= {"Tue 10:00", "Tue 11:00", "Thu 10:00", "Thu 11:00"}
    first = min(marked, key=lambda one: one[2])
    assert f"{first[0].split()[0]} · Room 2</button>" in page
    assert re.search(r'aria-label="[^"]*, \d+ free, \d+ fits? the note" checked', page)
    assert chips_in(page) == ["Room 2", "Tue, Thu 10:00\u201312:00"]


def test_without_wishes_nothing_is_marked(raj: Person, portal: Portal, number: int) -> None:
    with_note(portal, number, "Two seats by the window")
    page = offer(raj, number)
    assert slots_in(page)
    assert fitting_in(page) == []
    assert (
        "the note" not in page.partition('class="editor-body booking"')[2].partition("outside")[0]
    )


def test_a_day_that_is_avoided_is_not_marked(raj: Person, portal: Portal, number: int) -> None:
    page = offer(raj, with_note(portal, number, "not on Mondays"))
    offset = timedelta(hours=portal.state.utc_offset)
    days = {(begin + offset).weekday() for _, _, begin in fitting_in(page)}
    assert days
    assert 0 not in days


def test_a_wish_that_no_time_fits_is_told(raj: Person, portal: Portal, number: int) -> None:
    page = offer(raj, with_note(portal, number, "Sundays in room 1"))
    assert "No free time of these two weeks fits the note." in page
    assert fitting_in(page) == []


def test_the_first_time_that_fits_may_be_on_the_next_page(
    raj: Person, portal: Portal, number: int
) -> None:
    with_note(portal, number, "Tuesdays in room 2")
    for name, resource, begin in fitting_in(offer(raj, number)):
        start = int(begin.timestamp())
        native_booking(portal, Slot(name, resource, start, start + 3600))
    page = offer(raj, number)
    assert fitting_in(page) == []
    (first,) = re.findall(
        r'name="first" value="([^"]+)"><button type="submit"[^>]*>The first that fits: Tue', page
    )
    later = offer(raj, number, first=first)
    assert fitting_in(later)
    assert f'value="{first}" aria-label="Tue' in later
