"""An error on opening is one card with the cause as its heading."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from sandbox.portal.portal import Portal
from tests.cast import Cast, Person
from web.services import services_of

LIST = "booking.v1.waitlist.list"
CARD = re.compile(r'<div class="card message failed" .*?</details>\s*</div>', re.DOTALL)


@pytest.mark.parametrize(
    ("fault", "heading", "retry"),
    [
        ("QUERY_LIMIT_EXCEEDED", "Bitrix24 is busy.", True),
        ("booking_disabled", "Online Booking is switched off in this Bitrix24.", True),
        ("PAYMENT_REQUIRED", "[^<]*has expired", False),
    ],
)
def test_the_cause_is_the_heading_of_one_card(
    raj: Person, portal: Portal, fault: str, heading: str, retry: bool
) -> None:
    raj.open()
    portal.faults.add(fault, LIST)
    page = raj.submit("/").text
    (card,) = CARD.findall(page)
    assert re.search(rf'role="alert">\s*<h1>{heading}', card)
    assert ('form="again"' in card) == retry
    assert ("data-countdown" in card) == (fault == "QUERY_LIMIT_EXCEEDED")
    assert len(re.findall(heading, page)) == 1
    assert "The waiting list is empty." not in page


def test_a_list_that_ends_half_way_keeps_its_rows(raj: Person, portal: Portal) -> None:
    portal.faults.add("QUERY_LIMIT_EXCEEDED", "booking.v1.waitlist.client.list")
    page = raj.open().text
    assert CARD.findall(page) == []
    assert "Bitrix24 is busy." in page


@pytest.mark.parametrize("fault", ["QUERY_LIMIT_EXCEEDED", "server_error"])
def test_a_page_of_its_own_names_the_cause_once(
    app: Flask, installed: Cast, raj: Person, fault: str
) -> None:
    """Before the user is known, there is no list to show it in."""
    assert services_of(app).portals.find(installed.portal.member_id)
    installed.portal.faults.add(fault, "profile")
    page = raj.post_launch(raj.launch()).text
    assert re.search(r'<div role="alert">\s*<h1>Bitrix24 [^<]+</h1>', page)
    assert "That didn" not in page
