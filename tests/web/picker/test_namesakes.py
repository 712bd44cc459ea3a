"""Customers of one name show what differs, also in a refusal."""

from __future__ import annotations

import re
from html import unescape

import pytest

from sandbox.portal.portal import Portal
from tests.cast import REGULAR_USER, Person
from tests.web.picker.steps import NEW, add_contact, draft, hits

HIT_TEXT = re.compile(r'role="option" id="hit-[^>]*>(.*?)<template>', re.DOTALL)
LABEL = re.compile(r'aria-label="(?:Remove|Use) ([^"]+)"')
REFUSED = re.compile(r'data-refused="([^"]+)"')
MADE = "2026-03-05T10:00:00+00:00"


NAMES = ["Kim Lee", "Ana María Ríos", "Şükrü Öz"]


def add_kims(portal: Portal, *phones: str, name: str = "Kim Lee") -> list[str]:
    return [
        add_contact(portal, 990 + at, name, *phones, createdTime=MADE, companyId=at)
        for at in range(3)
    ]


def texts_of_hits(page: str) -> list[str]:
    return [" ".join(re.sub(r"<[^>]+>", " ", hit).split()) for hit in HIT_TEXT.findall(page)]


@pytest.mark.parametrize("name", NAMES)
def test_hits_of_one_name_differ(raj: Person, portal: Portal, name: str) -> None:
    add_kims(portal, name=name)
    raj.post("/customers/rows", {"picked": ["CO_2"]})
    found = texts_of_hits(raj.post("/customers/search", {"q": name}).text)[:3]
    assert len(set(found)) == 3
    for number, text in zip((990, 991, 992), found, strict=True):
        assert f"#{number}, in CRM since 2026-03-05" in text
    assert portal.state.companies[2].title in found[2]


@pytest.mark.parametrize(
    ("other", "query", "order"),
    [
        ("+49 30 23125900", "Kim Lee", ["#991", "23125900"]),
        ("+49 30 23125901", "Kim Lee", ["23125901", "#991"]),
        ("+49 30 23125900", "5900", ["2312", "#991"]),
        ("kim@example.com", "Kim Lee", ["kim@example.com", "#991"]),
    ],
    ids=["one phone", "two phones", "one phone that was typed", "a phone and an e-mail"],
)
def test_what_tells_namesakes_apart_stands_before_what_they_share(
    raj: Person, portal: Portal, other: str, query: str, order: list[str]
) -> None:
    """What was typed comes first: a narrow line is cut off at its end."""
    add_contact(portal, 990, "Kim Lee", "+49 30 23125900", createdTime=MADE)
    add_contact(portal, 991, "Kim Lee", other, createdTime=MADE)
    found = texts_of_hits(raj.post("/customers/search", {"q": query}).text)
    (text,) = [one for one in found if "#991" in one]
    places = [text.index(words) for words in order]
    assert places == sorted(places)


def test_numbers_and_days_are_read_from_left_to_right_in_arabic(
    raj: Person, portal: Portal, number: int
) -> None:
    keys = add_kims(portal)
    raj.open(lang="ar")
    found = raj.post("/customers/search", {"q": "Kim Lee"}).text
    raj.post(f"/records/{number}/save", {"customer": keys})
    for page in (found, raj.post(f"/records/{number}").text):
        assert "\N{FIRST STRONG ISOLATE}#991\N{POP DIRECTIONAL ISOLATE}" in page
        assert "\N{FIRST STRONG ISOLATE}2026-03-05\N{POP DIRECTIONAL ISOLATE}" in page


def test_a_hit_without_a_namesake_shows_no_number(raj: Person, portal: Portal) -> None:
    add_contact(portal, 990, "Kim Leeson", createdTime=MADE)
    (found,) = texts_of_hits(raj.post("/customers/search", {"q": "Kim Leeson"}).text)
    assert "990" not in found


def test_a_hit_differs_from_a_customer_of_the_record(raj: Person, portal: Portal) -> None:
    first, _, last = add_kims(portal)
    portal.state.contacts[992].fm.extend(portal.state.contacts[1].fm)
    raj.post("/customers/rows", {"picked": ["C_990"]})
    number = portal.state.contacts[1].fm[0].value
    page = raj.post("/customers/search", {"q": number, "customer": first}).text
    assert last in hits(raj, number, customer=first)
    assert "#992" in page


def test_those_with_the_number_of_a_draft_differ(raj: Person, portal: Portal) -> None:
    add_kims(portal, "+49 30 23125900")
    page = raj.post(NEW, draft(name="Kim", phone="030 23125900")).text
    for number in (990, 991, 992):
        assert f"#{number}, in CRM since 2026-03-05" in page
    assert LABEL.findall(page)[:1] == ["Kim Lee #990"]


@pytest.mark.parametrize("name", NAMES)
def test_rows_of_one_name_differ(raj: Person, portal: Portal, number: int, name: str) -> None:
    keys = add_kims(portal, name=name)
    raj.post(f"/records/{number}/save", {"customer": keys})
    page = raj.post(f"/records/{number}").text
    labels = [label for label in LABEL.findall(page) if name in label]
    assert labels == [f"{name} #990", f"{name} #991", f"{name} #992"]
    assert "#991, in CRM since 2026-03-05" in page


@pytest.mark.parametrize("name", NAMES)
def test_a_refusal_names_the_customer_and_marks_the_row(
    raj: Person, portal: Portal, number: int, name: str
) -> None:
    keys = add_kims(portal, name=name)
    assert hits(raj, name)[:3] == keys
    portal.user(REGULAR_USER).hidden_contacts.append(992)
    answer = raj.post(f"/records/{number}/save", {"customer": keys})
    assert answer.status_code == 422
    assert f"You don't have access to {name} (Contact #992) in CRM." in unescape(answer.text)
    assert REFUSED.findall(answer.text) == ["CONTACT:992"]


def test_a_refusal_of_one_never_seen_has_its_number(
    raj: Person, portal: Portal, number: int
) -> None:
    (key, *_) = add_kims(portal)
    portal.user(REGULAR_USER).hidden_contacts.append(990)
    answer = raj.post(f"/records/{number}/save", {"customer": [key]})
    assert "You don't have access to Contact #990 in CRM." in unescape(answer.text)
    assert REFUSED.findall(answer.text) == [key]
