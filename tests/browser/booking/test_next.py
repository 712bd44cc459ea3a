"""When customers come next: on rows, hits and tabs, told after the page is there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Locator, Request, expect

from sandbox import Sandbox
from sandbox.core.model import CrmItem, Multifield
from sandbox.portal.colleague import link_client
from sandbox.portal.portal import Portal
from tests.bookings import add_booking
from tests.browser.desk import ON_A_PHONE, RECORDS, Desk, open_desk, sandbox_with_app
from tests.browser.steps import contact_on, full_deal, open_record, open_tab, record_row

LIST = "booking.v1.booking.list"
NEXT = "**/bookings/next"


@pytest.fixture
def sandbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sandbox]:
    """Start a sandbox whose portal has no bookings."""
    marker = request.node.get_closest_marker("records")
    count = marker.args[0] if marker else RECORDS
    with sandbox_with_app(tmp_path, installed=True, records=count) as running:
        running.portals[0].state.bookings.clear()
        yield running


@pytest.fixture
def portal(sandbox: Sandbox) -> Portal:
    return sandbox.portals[0]


@pytest.fixture
def desk(browser: Browser, sandbox: Sandbox) -> Iterator[Desk]:
    with open_desk(browser, sandbox) as opened:
        yield opened


def book(portal: Portal, *customers: str, days: int = 3) -> str:
    """Add a booking for 10:00 by the portal's clock, and return its words."""
    now = datetime.fromtimestamp(portal.hub.clock.now(), portal.zone)
    start = now.replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=days)
    zone = f"{start:%z}"
    add_booking(portal, int(start.timestamp()), *customers, zone=f"{zone[:3]}:{zone[3:]}")
    return f"next: {start.day} {start:%b} 10:00"


def customers_of(portal: Portal, number: int) -> list[str]:
    """Return the customers of a record, the main one first."""
    clients = sorted(portal.clients(number), key=lambda client: client[0] != "CONTACT")
    return [f"{kind}:{id}" for kind, id in clients]


def mains_of(portal: Portal) -> dict[int, str]:
    return {n: customers_of(portal, n)[0] for n in portal.records if portal.clients(n)}


def questions(portal: Portal) -> list[int]:
    """Return how many customers each request to the portal asks about."""
    asked = [
        sum(call.method == LIST and "client" in call.params["filter"] for call in request.calls)
        for request in portal.requests
    ]
    return [count for count in asked if count]


def asked_in(request: Request) -> list[str]:
    """Return the customers whom the page asks about in a request."""
    asks = request.url.endswith("/bookings/next")
    return parse_qs(request.post_data or "")["customer"] if asks else []


def second_line(place: Locator) -> str:
    """Return the words of a row below the name, also of a row that is out of sight."""
    return str(
        place.locator(".lines").evaluate(
            "(lines) => [...lines.children].slice(1).map((one) => one.textContent).join('').trim()"
        )
    )


def chip(desk: Desk) -> Locator:
    return desk.app.get_by_role("button", name="Already booked")


def rows(desk: Desk) -> Locator:
    return desk.app.locator("#records [role=option]:visible")


def open_list(desk: Desk) -> None:
    """Open the main page, and wait until it has asked about everybody it wants to."""
    desk.page.goto(desk.portal.url)
    expect(chip(desk)).to_be_visible()
    desk.settle()


def expect_words(place: Locator, words: str) -> None:
    """Expect that the second line of a row begins with the words, in one line."""
    expect(place.locator(".next")).to_have_text(words)
    assert second_line(place).startswith(words)


def two_customers(portal: Portal) -> int:
    return next(n for n in portal.records if len(portal.clients(n)) == 2)


@pytest.mark.records(137)
def test_rows_begin_with_the_next_booking_and_the_filter_counts_them(
    desk: Desk, portal: Portal
) -> None:
    number = two_customers(portal)
    main, other = customers_of(portal, number)
    book(portal, main, days=9)
    words = book(portal, other, days=2)
    with desk.page.expect_request(NEXT) as first:
        open_list(desk)
    expect_words(record_row(desk, number), words)
    booked = [n for n in portal.records if {main, other} & set(customers_of(portal, n))]
    expect(chip(desk)).to_have_text(f"Already booked {len(booked)}")
    asked = questions(portal)
    assert len(asked) <= 4
    assert sum(asked) == len({key for n in portal.records for key in customers_of(portal, n)})
    shown = [int(row.get_attribute("value") or 0) for row in rows(desk).all()[:5]]
    mains = [customers_of(portal, n)[0] for n in shown if portal.clients(n)]
    assert asked_in(first.value)[: len(mains)] == list(dict.fromkeys(mains))
    desk.shoot_everywhere("next-bookings")
    chip(desk).click()
    expect(rows(desk)).to_have_count(len(booked))
    expect(desk.app.locator("#not-asked")).to_be_hidden()
    portal.requests.clear()
    open_list(desk)
    expect_words(record_row(desk, number), words)
    assert questions(portal) == []


@pytest.mark.records(1000)
def test_a_very_long_list_is_asked_about_in_part_and_says_so(desk: Desk, portal: Portal) -> None:
    book(portal, customers_of(portal, two_customers(portal))[0])
    asked = list[str]()
    desk.page.on("requestfinished", lambda one: asked.extend(asked_in(one)))
    open_list(desk)
    assert questions(portal) == [48] * 4
    everybody = {key for n in portal.records for key in customers_of(portal, n)}

    def told() -> str:
        return f"Looked up: {len(asked)} of {len(everybody)} customers."

    expect(chip(desk)).to_have_attribute("title", told())
    expect(desk.app.get_by_text(told())).to_be_hidden()
    number = next(n for n, main in mains_of(portal).items() if main not in asked)
    rows(desk).first.press("End")
    with desk.page.expect_request(NEXT) as asked_for:
        record_row(desk, number).scroll_into_view_if_needed()
    assert mains_of(portal)[number] in asked_in(asked_for.value)
    chip(desk).click()
    more = desk.app.get_by_role("button", name="Look up more")
    while more.is_visible():
        before = told()
        expect(desk.app.get_by_text(before)).to_be_visible()
        desk.shoot_everywhere("next-bookings-in-part")
        more.click()
        expect(desk.app.get_by_text(before)).to_be_hidden()
    assert sorted(asked) == sorted(everybody)


def test_hits_in_crm_and_of_the_picker_tell_it_too(desk: Desk, portal: Portal) -> None:
    waiting = {key for n in portal.records for key in customers_of(portal, n)}
    contact = next(id for id in portal.state.contacts if f"CONTACT:{id}" not in waiting)
    words = book(portal, f"CONTACT:{contact}")
    open_list(desk)
    name = "{name} {lastName}".format(**portal.state.contacts[contact].fields)
    desk.app.get_by_role("searchbox").fill(name)
    hit = desk.app.locator(f"#in-crm [data-key='CONTACT:{contact}']")
    expect_words(hit, words)
    desk.app.get_by_role("searchbox").fill("")
    open_record(desk, two_customers(portal))
    desk.app.get_by_role("combobox", name="Add a customer").fill(name)
    expect_words(desk.app.locator(f"#hits [data-key='CONTACT:{contact}']"), words)


def add_namesakes(portal: Portal, *companies: int) -> dict[int, str]:
    """Add contacts of one name and number, and return what tells them apart: company or number."""
    told = dict[int, str]()
    for number, company in enumerate(companies, 900):
        fields = {"name": "Anna", "lastName": "Quillfeather", "categoryId": 0}
        item = CrmItem(number, {**fields, "companyId": company, "companyIds": [company]})
        item.fm.append(Multifield(number * 10, "PHONE", "WORK", "+49 30 555 8177"))
        portal.state.contacts[number] = item
        title = str(portal.state.companies[company].fields["title"])
        told[number] = title if companies.count(company) == 1 else f"#{number}"
    return told


def is_in_sight(line: Locator, words: str) -> bool:
    """Return whether a part of a line that holds these words is not cut off."""
    return bool(
        line.evaluate(
            """(line, words) => {
                const { right, bottom } = line.getBoundingClientRect();
                const boxes = [...line.children].filter((part) => part.textContent.includes(words))
                    .map((part) => part.getBoundingClientRect());
                return boxes.some((box) => box.right <= right + 1 && box.bottom <= bottom + 1);
            }""",
            words,
        )
    )


@pytest.mark.parametrize("alike", [False, True], ids=["two companies", "one company"])
def test_it_hides_nothing_that_tells_two_of_one_name_apart(
    desk: Desk, portal: Portal, alike: bool
) -> None:
    clients = {one for n in portal.records for one in portal.clients(n)}
    first, second, *_ = sorted(id for kind, id in clients if kind == "COMPANY")
    told = add_namesakes(portal, first, first if alike else second)
    (words,) = {book(portal, f"CONTACT:{contact}", days=9) for contact in told}
    open_list(desk)
    for width in (1366, 1000, 390):
        desk.page.set_viewport_size({"width": width, "height": 768})
        desk.app.get_by_role("searchbox").fill("")
        expect(desk.app.locator("#in-crm [role=option]:visible")).to_have_count(0)
        desk.settle()
        desk.app.get_by_role("searchbox").fill("Quillfeather")
        for contact, difference in told.items():
            hit = desk.app.locator(f"#in-crm [data-key='CONTACT:{contact}']")
            expect(hit.locator(".next")).to_have_text(words)
            assert is_in_sight(hit.locator(".sub"), difference), f"{difference} at {width}"
        desk.shoot(f"next-bookings-namesakes-{width}")
    desk.page.set_viewport_size({"width": 1366, "height": 768})
    desk.app.get_by_role("searchbox").fill("")
    open_record(desk, two_customers(portal))
    desk.app.get_by_role("combobox", name="Add a customer").fill("Quillfeather")
    for contact, difference in told.items():
        hit = desk.app.locator(f"#hits [data-key='CONTACT:{contact}']")
        expect(hit.locator(".next")).to_have_text(words)
        assert is_in_sight(hit.locator(".sub"), difference), difference


def test_the_tabs_of_customers_and_deals_tell_it_too(desk: Desk, portal: Portal) -> None:
    contact, deal = contact_on(portal, 1), full_deal(portal)
    company = portal.state.deals[deal].fields["companyId"]
    link_client(portal, two_customers(portal), "COMPANY", company)
    words = book(portal, f"CONTACT:{contact}"), book(portal, f"COMPANY:{company}", days=1)
    # The first opening installs the tabs.
    desk.page.goto(portal.url)
    rows(desk).first.wait_for()
    open_tab(desk, "contact", contact)
    expect_words(desk.app.locator("#waiting li"), words[0])
    open_tab(desk, "company", company)
    expect_words(desk.app.locator("#waiting li").first, words[1])
    open_tab(desk, "deal", deal)
    people = desk.app.get_by_role("group", name="Customers of this deal")
    expect_words(people.locator(f"[data-key='COMPANY:{company}']"), words[1])


def test_a_refusal_shows_nothing_and_stops_nobody(desk: Desk, portal: Portal) -> None:
    book(portal, *mains_of(portal).values())
    portal.faults.add("error", LIST, code="0", description="Feature is not available")
    desk.allow("Failed to load resource")
    with desk.page.expect_response(NEXT) as answered:
        desk.page.goto(portal.url)
    assert answered.value.status in {402, 403, 409, 422}
    open_record(desk, two_customers(portal))
    expect(chip(desk)).to_be_hidden()
    expect(desk.app.locator("#problem")).to_be_empty()
    expect(desk.app.locator(".next")).to_have_count(0)
    assert len(questions(portal)) == 1


def test_a_booking_made_here_is_told_on_other_records_until_it_goes_back(
    desk: Desk, portal: Portal
) -> None:
    number = two_customers(portal)
    other = next(n for n in portal.records if not portal.clients(n))
    kind, customer = portal.clients(number)[0]
    link_client(portal, other, kind, customer)
    open_list(desk)
    expect(record_row(desk, other)).to_be_visible()
    open_record(desk, number)
    desk.app.get_by_role("button", name="Make booking").click()
    slot = desk.app.get_by_role("grid", name="Free times").get_by_role("button").last
    slot.click()
    desk.app.get_by_role("button", name="Make booking").click()
    expect(record_row(desk, other).locator(".next")).to_have_count(1)
    # The page may be looking at the booking once more, which is gone then.
    desk.allow("410")
    desk.app.get_by_role("button", name="Back to the waiting list").click()
    expect(record_row(desk, other).locator(".next")).to_have_count(0)


@pytest.mark.usefixtures("clock")
def test_a_booking_that_has_begun_gives_way_to_the_next(
    desk: Desk, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = two_customers(portal)
    main, _other = customers_of(portal, number)
    first, second = book(portal, main, days=1), book(portal, main, days=6)
    open_list(desk)
    expect_words(record_row(desk, number), first)
    later = time.time() + timedelta(days=2).total_seconds()
    monkeypatch.setattr("waitlist.booking.next.time", SimpleNamespace(time=lambda: later))
    desk.page.clock.fast_forward("48:00:00")
    expect_words(record_row(desk, number), second)


def test_a_row_keeps_its_height_on_a_phone_and_from_right_to_left(
    browser: Browser, sandbox: Sandbox, portal: Portal
) -> None:
    number = two_customers(portal)
    book(portal, customers_of(portal, number)[0])
    with open_desk(browser, sandbox, **ON_A_PHONE) as desk:
        desk.page.goto(f"{portal.url}/?lang=ar")
        words = record_row(desk, number).locator(".next")
        expect(words).to_contain_text("الموعد:")
        without = next(n for n in portal.records if not portal.clients(n))
        high = desk.box(record_row(desk, without))["height"]
        assert desk.box(record_row(desk, number))["height"] == high
        row, line = desk.box(record_row(desk, number)), desk.box(words)
        assert row["x"] <= line["x"]
        assert line["x"] + line["width"] <= row["x"] + row["width"]
        desk.shoot_everywhere("next-bookings-arabic")
