"""The search of the main page finds customers in CRM who do not wait yet."""

# ruff: noqa: RUF001 - digits of other scripts are intended

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask

from sandbox.core.model import Multifield
from sandbox.portal.colleague import link_client
from sandbox.portal.portal import Portal
from tests.cast import REGULAR_USER, Cast, Person
from tests.web.picker.steps import add_contact
from tests.web.steps import forget_customers, methods_asked, writes
from waitlist.customers.search import MOST_HITS

FOUND = re.compile(r'role="option" id="in-crm-\w+-\d+"[^>]*data-key="([A-Z]+:\d+)"')
NEW = re.compile(r'id="in-crm-new".*?<span class="name">(.*?)</span>', re.DOTALL)
HINT = re.compile(r'<p class="hint">(.*?)</p>')
NUMBER = "+49 30 2312 5777"


def search(person: Person, query: str) -> str:
    answer = person.post("/records/search", {"q": query})
    assert answer.status_code == 200
    return answer.text


def offered(page: str) -> str:
    """Return what a new customer is called in an answer."""
    return unescape("".join(NEW.findall(page)))


def hint(page: str) -> str:
    return unescape(" ".join(HINT.findall(page)))


@pytest.mark.parametrize(
    "query", ["5777", "030 2312 5777", "+49 (0)30 23125777", "0049 30 23125777", "٠٣٠٢٣١٢٥٧٧٧"]
)
def test_a_customer_who_does_not_wait_is_found_by_any_form_of_a_number(
    raj: Person, portal: Portal, query: str
) -> None:
    key = add_contact(portal, 900, "Nora Vale", "+1 555 0199", NUMBER)
    portal.requests.clear()
    page = search(raj, query)
    assert FOUND.findall(page) == [key]
    assert "Put on the list" in page
    assert [request.method for request in portal.requests] == ["batch"]
    assert writes(portal) == []


def test_companies_are_found_too_and_what_fits_is_marked(raj: Person, portal: Portal) -> None:
    number = max(portal.state.companies)
    changes = {"title": "Quillfeather Oy", "categoryId": 0, "isMyCompany": "N"}
    portal.state.companies[number].fields |= changes
    portal.state.companies[number].fm.append(Multifield(9999, "PHONE", "WORK", NUMBER))
    page = search(raj, "quillf")
    assert FOUND.findall(page) == [f"COMPANY:{number}"]
    assert "<mark>Quillf</mark>eather Oy" in page
    assert "<mark>5777</mark>" in search(raj, "5777")


@pytest.mark.records(137)
def test_those_who_wait_come_last_and_leave_room_for_others(raj: Person, portal: Portal) -> None:
    empty = iter([number for number in portal.records if not portal.clients(number)])
    waiting = [add_contact(portal, 900 + at, f"Aaron Quillf{at:02}") for at in range(20)]
    for key in waiting:
        link_client(portal, next(empty), "CONTACT", int(key.partition(":")[2]))
    others = [add_contact(portal, 950 + at, f"Zoe Quillf{at:02}") for at in range(25)]
    raj.open()
    page = search(raj, "quillf")
    assert FOUND.findall(page) == [*others[:MOST_HITS], *waiting[:MOST_HITS]]
    assert "There are more." in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("0177", "New customer with phone …0177"),
        ("017798", "New customer with phone …017798"),
        (NUMBER, f"New customer with phone {NUMBER}"),
        ("Zzyzx Unheard", "New customer “Zzyzx Unheard”"),
        ("Zzyzx 030 2312 5777", "New customer “Zzyzx”"),
        ("zzyzx@example.com", "New customer with e-mail zzyzx@example.com"),
        ("<b>Zzyzx", "New customer “<b>Zzyzx”"),
    ],
)
def test_a_new_customer_is_offered_with_what_was_typed(
    raj: Person, portal: Portal, query: str, words: str
) -> None:
    page = search(raj, query)
    assert offered(page) == words
    assert f'data-typed="{query}"' in unescape(page)
    assert writes(portal) == []


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("077", "Type one more digit."),
        ("+49", "Type 2 more digits."),
        ("٠٧٧", "Type one more digit."),
        (" 0-7-7 ", "Type one more digit."),
    ],
)
def test_fewer_than_four_digits_ask_for_more_and_no_portal(
    raj: Person, portal: Portal, query: str, words: str
) -> None:
    portal.requests.clear()
    page = search(raj, query)
    assert hint(page) == words
    assert FOUND.findall(page) == []
    assert offered(page) == ""
    assert portal.requests == []
    assert words in raj.post("/customers/search", {"q": query}).text


def test_without_a_hit_the_page_says_so_and_offers_a_new_customer(raj: Person) -> None:
    page = search(raj, "Zzyzx Unheard")
    assert hint(page) == "No customer found for “Zzyzx Unheard”."
    assert offered(page) == "New customer “Zzyzx Unheard”"


@pytest.mark.parametrize("known", [True, False])
def test_a_user_to_whom_crm_is_closed_is_told_so(
    app: Flask, tomas: Person, portal: Portal, known: bool
) -> None:
    if not known:
        forget_customers(app)
    portal.requests.clear()
    page = search(tomas, "Anna")
    assert "You have no access to contacts or companies in CRM." in hint(page)
    assert "Ask your CRM administrator." in hint(page)
    assert offered(page) == ""
    assert len(portal.requests) == (0 if known else 1)


def test_a_busy_portal_is_told_with_a_way_to_try_again(raj: Person, portal: Portal) -> None:
    portal.faults.add("OPERATION_TIME_LIMIT", "crm.item.list")
    answer = raj.post("/records/search", {"q": "Anna"})
    assert answer.status_code == 503
    assert "data-retry" in answer.text


def test_customers_a_user_may_not_see_are_not_found(raj: Person, portal: Portal) -> None:
    add_contact(portal, 900, "Nora Quillfeather", NUMBER)
    add_contact(portal, 901, "Pia Quillfeather", NUMBER, categoryId=1)
    portal.user(REGULAR_USER).hidden_contacts.append(900)
    assert FOUND.findall(search(raj, "quillf")) == []
    assert FOUND.findall(search(raj, "5777")) == []


def test_a_stranger_is_refused(installed: Cast) -> None:
    answer = installed.stranger.post("/records/search", {"q": "Anna"})
    assert answer.status_code in {401, 403}
    assert FOUND.findall(answer.text) == []
    assert methods_asked(installed.portal) == []


def test_each_portal_is_asked_for_its_own_customers(
    raj: Person, portal: Portal, installed_elsewhere: Cast
) -> None:
    here = add_contact(portal, 900, "Nora Quillfeather", NUMBER)
    there = add_contact(installed_elsewhere.portal, 901, "Pia Quillfeather", NUMBER)
    assert FOUND.findall(search(raj, "quillf")) == [here]
    assert FOUND.findall(search(installed_elsewhere.regular_user, "quillf")) == [there]


def test_a_chosen_customer_begins_a_record_that_is_not_saved_yet(
    raj: Person, portal: Portal
) -> None:
    key = add_contact(portal, 900, "Nora Quillfeather", NUMBER)
    search(raj, "quillf")
    before = len(portal.records)
    portal.requests.clear()
    page = raj.post("/records/new", {"customer": key}).text
    assert f'data-key="{key}"' in page
    assert "Nora Quillfeather" in page
    assert (len(portal.records), portal.requests) == (before, [])


ROW = re.compile(r'data-search="([^"]*)"\s+data-phones="([^"]*)" data-people="([^"]*)"')


def test_a_row_tells_its_customers_apart(raj: Person, portal: Portal) -> None:
    number = next(number for number in portal.records if not portal.clients(number))
    portal.records[number].note = "Needs a lift"
    add_contact(portal, 900, "Nora Vale", "+49 30 11112222", "٠٣٠ ٣٣٣٣٤٤٤٤", "nora@example.com")
    add_contact(portal, 901, "Zoe\tLopez", "8 912 345-67-89", categoryId=1)
    add_contact(portal, 902, "Pia Wexler")
    for contact in (900, 901, 902):
        link_client(portal, number, "CONTACT", contact)
    page = raj.open().text
    row = page[page.index(f'id="record-{number}"') :]
    text, phones, people = map(unescape, ROW.findall(row)[0])
    assert text.split("\n") == [
        "nora vale nora@example com",
        "zoe lopez",
        "pia wexler",
        f"needs a lift #{number}",
    ]
    assert [line.split() for line in phones.split("\n")] == [
        ["493011112222", "03033334444"],
        ["89123456789", "09123456789"],
        [],
    ]
    assert people.split("\n") == [
        "CONTACT:900\tNora Vale\t+49 30 11112222\t٠٣٠ ٣٣٣٣٤٤٤٤\tnora@example.com",
        "CONTACT:901\tZoe Lopez\t8 912 345-67-89",
        "CONTACT:902\tPia Wexler",
    ]
