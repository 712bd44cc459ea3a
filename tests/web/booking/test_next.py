"""When customers come next: whom the portal is asked about, how often, and what is told."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from sandbox import Sandbox
from sandbox.portal.portal import Portal
from tests.bookings import add_booking
from tests.cast import REGULAR_USER, Person
from tests.web.booking.steps import BACK, book, booked, free_slot
from tests.web.steps import customer_keys, use_up_half, visible_contacts
from waitlist.booking.next import MOST

LIST = "booking.v1.booking.list"
PART = re.compile(r'<span id="next-(\w+:\d+)" class="next" data-begins="(\d+)">([^<]*)</span>')
PEOPLE = re.compile(r'data-people="([^"]*)"')
MADRID = ZoneInfo("Europe/Madrid")


@pytest.fixture(autouse=True)
def empty_calendar(portal: Portal) -> None:
    portal.state.bookings.clear()


def next_of(person: Person, *keys: str, anew: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the words for each customer that is answered; "" is no booking."""
    answer = person.post("/bookings/next", {"customer": list(keys), "anew": list(anew)})
    assert answer.status_code == 200, answer.text
    found = PART.findall(unescape(answer.text))
    assert all(bool(text) == (left != "0") for _, left, text in found)
    return {key: text for key, _, text in found}


def questions(portal: Portal) -> int:
    return sum(request.methods.count(LIST) for request in portal.requests)


def december(portal: Portal) -> int:
    """Return when it is 10:00 in Madrid on the next 12 December."""
    now = datetime.fromtimestamp(portal.hub.clock.now(), MADRID)
    days = (datetime(now.year + more, 12, 12, 10, tzinfo=MADRID) for more in range(2))
    return int(next(day for day in days if day > now).timestamp())


def soon(portal: Portal, days: int = 1) -> int:
    return int(portal.hub.clock.now()) + days * 86_400


def test_the_first_coming_booking_is_told_in_its_own_zone(raj: Person, portal: Portal) -> None:
    (key,) = visible_contacts(portal, 1)
    add_booking(portal, december(portal) + 3600, key)
    add_booking(portal, december(portal), key)
    assert next_of(raj, key) == {key: "next: 12 Dec 10:00"}


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("Asia/Tokyo", "next: 12 Dec 18:00"),
        ("America/Los_Angeles", "next: 12 Dec 1:00"),
        ("+05:30", "next: 12 Dec 14:30"),
    ],
)
def test_zones_of_every_kind_are_understood(
    raj: Person, portal: Portal, zone: str, text: str
) -> None:
    (key,) = visible_contacts(portal, 1)
    add_booking(portal, december(portal), key, zone=zone)
    assert next_of(raj, key) == {key: text}


def test_what_has_begun_or_was_cancelled_does_not_come(raj: Person, portal: Portal) -> None:
    (key,) = visible_contacts(portal, 1)
    add_booking(portal, soon(portal, -3), key)
    add_booking(portal, int(portal.hub.clock.now()) - 600, key)
    add_booking(portal, soon(portal), key).deleted = True
    assert next_of(raj, key) == {key: ""}


def test_a_contact_and_a_company_with_one_number_are_two_questions(
    olga: Person, portal: Portal
) -> None:
    add_booking(portal, december(portal), "COMPANY:5")
    found = next_of(olga, "CONTACT:5", "COMPANY:5", "CONTACT:6")
    assert found == {"CONTACT:5": "", "COMPANY:5": "next: 12 Dec 10:00", "CONTACT:6": ""}
    assert questions(portal) == 3


@pytest.mark.records(137)
def test_137_records_cost_at_most_four_requests(raj: Person, portal: Portal) -> None:
    people = [unescape(text).split("\n") for text in PEOPLE.findall(raj.open().text)]
    keys = [[person.split("\t")[0] for person in row if person] for row in people]
    assert len(keys) == 137
    main = list(dict.fromkeys(row[0] for row in keys if row))
    others = dict.fromkeys(key for row in keys for key in row[1:] if key not in main)
    asked = [*main, *others][: 4 * MOST]
    for key in main:
        add_booking(portal, soon(portal, 2), key)
    portal.requests.clear()
    found = dict[str, str]()
    for start in range(0, len(asked), MOST):
        found |= next_of(raj, *asked[start : start + MOST])
    assert len(portal.requests) <= 4
    assert found.keys() == set(asked)
    hidden = portal.user(REGULAR_USER).hidden_contacts
    for key in main:
        assert bool(found[key]) == (key not in {f"CONTACT:{id}" for id in hidden}), key


def test_more_customers_than_one_request_takes_are_refused(raj: Person) -> None:
    keys = [f"CONTACT:{number}" for number in range(1, MOST + 2)]
    assert raj.post("/bookings/next", {"customer": keys}).status_code == 400
    assert raj.post("/bookings/next").status_code == 400


def test_customers_that_the_app_has_not_read_yet_still_cost_one_request(
    olga: Person, portal: Portal
) -> None:
    contacts = [f"CONTACT:{id}" for id in list(portal.state.contacts)[: MOST - 10]]
    companies = [f"COMPANY:{id}" for id in list(portal.state.companies)[:10]]
    add_booking(portal, soon(portal), companies[0])
    portal.requests.clear()
    found = next_of(olga, *contacts, *companies)
    assert [key for key, text in found.items() if text] == companies[:1]
    assert len(portal.requests) == 1


def test_a_reload_asks_nothing_again_and_another_user_asks_for_themselves(
    raj: Person, olga: Person, portal: Portal
) -> None:
    key, other = visible_contacts(portal, 1, 2)
    add_booking(portal, december(portal), key)
    first = next_of(raj, key, other)
    portal.requests.clear()
    assert next_of(raj, key, other) == first
    assert portal.requests == []
    assert next_of(olga, key, other) == first
    assert questions(portal) == 2


def test_what_the_tab_of_a_customer_has_read_is_not_asked_again(
    raj: Person, portal: Portal
) -> None:
    (key,) = visible_contacts(portal, 1)
    add_booking(portal, december(portal), key)
    raj.open(placement="CRM_CONTACT_DETAIL_TAB", options={"ID": key.split(":")[1]})
    portal.requests.clear()
    assert next_of(raj, key) == {key: "next: 12 Dec 10:00"}
    assert portal.requests == []


def test_a_customer_that_crm_does_not_show_has_no_booking(
    raj: Person, olga: Person, portal: Portal
) -> None:
    key = f"CONTACT:{portal.user(REGULAR_USER).hidden_contacts[0]}"
    add_booking(portal, december(portal), key)
    assert next_of(olga, key) == {key: "next: 12 Dec 10:00"}
    assert next_of(raj, key) == {key: ""}
    portal.requests.clear()
    assert next_of(raj, key, anew=(key,)) == {key: ""}
    assert questions(portal) == 0


def test_a_booking_made_here_and_taken_back_is_known_at_once(
    raj: Person, olga: Person, portal: Portal, number: int
) -> None:
    (key,) = customer_keys(portal, number)
    assert next_of(raj, key) == next_of(olga, key) == {key: ""}
    slot = free_slot(raj, number)
    assert book(raj, number, slot).status_code == 200
    assert next_of(raj, key)[key].endswith(slot.name.split()[0])
    assert next_of(olga, key)[key]
    (booking,) = booked(portal, slot)
    assert raj.post(f"/bookings/{booking.id}/back").status_code == 200
    assert next_of(raj, key) == next_of(olga, key) == {key: ""}


def test_a_booking_whose_answer_was_lost_is_looked_for(
    raj: Person, portal: Portal, number: int
) -> None:
    (key,) = customer_keys(portal, number)
    slot = free_slot(raj, number)
    assert book(raj, number, slot).status_code == 200
    (booking,) = booked(portal, slot)
    assert next_of(raj, key)[key]
    portal.faults.add("drop_after", BACK, count=1)
    raj.post(f"/bookings/{booking.id}/back")
    assert next_of(raj, key) == {key: ""}


def test_what_this_page_has_changed_is_asked_anew(raj: Person, portal: Portal) -> None:
    key, other = visible_contacts(portal, 1, 2)
    next_of(raj, key, other)
    add_booking(portal, december(portal), key)
    portal.requests.clear()
    assert next_of(raj, key, other)[key] == ""
    assert next_of(raj, key, other, anew=(key,))[key]
    assert questions(portal) == 1
    assert next_of(raj, key, other)[key]


def test_a_booking_that_has_begun_since_is_followed_by_the_next(
    raj: Person, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    (key,) = visible_contacts(portal, 1)
    now = int(portal.hub.clock.now())
    add_booking(portal, now + 100, key)
    add_booking(portal, december(portal), key)
    assert next_of(raj, key)[key] != "next: 12 Dec 10:00"
    monkeypatch.setattr("waitlist.booking.next.time.time", lambda: now + 200)
    assert next_of(raj, key)[key] == "next: 12 Dec 10:00"


def test_a_question_without_an_answer_is_left_out(raj: Person, portal: Portal) -> None:
    keys = visible_contacts(portal, 1, 3)
    portal.faults.add("error", LIST, code="ERROR_CORE", count=1)
    found = next_of(raj, *keys)
    assert len(found) == 2
    assert next_of(raj, *keys).keys() == set(keys)


@pytest.mark.parametrize("feature", ["feature", "tool", "rights"])
def test_a_refusal_is_no_success(raj: Person, portal: Portal, feature: str) -> None:
    (key,) = visible_contacts(portal, 1)
    if feature == "rights":
        portal.faults.add("error", LIST, code="ACCESS_DENIED", description="Access denied!")
    else:
        portal.faults.add("error", LIST, code="0", description="Feature is not available")
    if feature == "tool":
        portal.faults.clear()
        portal.state.booking_tool = False
    answer = raj.post("/bookings/next", {"customer": [key]})
    assert 400 <= answer.status_code < 500
    assert "next-" not in answer.text


def test_an_odd_answer_tells_of_no_booking(raj: Person, portal: Portal) -> None:
    keys = visible_contacts(portal, 1, 3)
    add_booking(portal, 10**17, keys[0])
    add_booking(portal, soon(portal), keys[1], zone="Nowhere/At_all")
    found = next_of(raj, *keys)
    assert found[keys[0]] == ""
    assert found[keys[1]].startswith("next: ")


def test_questions_give_way_to_people(
    raj: Person, app: Flask, sandbox: Sandbox, portal: Portal
) -> None:
    (key,) = visible_contacts(portal, 1)
    use_up_half(app, sandbox, portal)
    answer = raj.post("/bookings/next", {"customer": [key]})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert raj.post("/records/1").status_code == 200
