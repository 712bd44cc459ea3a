"""Hostile text costs little processor time, so one form cannot stop a worker.

Each request has a budget of processor time (tests/web/http/steps.py).
"""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from flask import Flask

from bitrix24.answers import Rows
from tests.cast import Cast
from tests.web.http.steps import is_within
from tests.web.routes import SESSION_ROUTES
from waitlist.customers.draft import Draft
from waitlist.customers.items import Item, Multifield, customer_from
from waitlist.models import Kind, Record
from waitlist.records.edit import both_notes
from waitlist.texts import fold
from web.presenters.record_row import record_row
from web.presenters.search_hits import marked

SIZE = 30_000
"""Characters of each text: a form may hold 448 KB."""

TEXTS = {
    "dots": "a@" + "a." * (SIZE // 2) + "@",
    "lines": "\n".join(map(str, range(SIZE // 5))),
    "digits": "1 " * (SIZE // 2) + "x",
    "spaces": "a" + " " * SIZE + "a",
    "marks": "a" + "\u0301" * (SIZE // 2) + "\u0323" * (SIZE // 2),
    "brackets": "[" * SIZE,
}
FIELDS: tuple[dict[str, str], ...] = (
    {"note": "", "base_note": "", "record": "1"},
    {"theirs_note": "", "seen_note": "", "choice": "both"},
    {"q": "", "new_email": "", "new_attempt": "b" * 24},
    {"new_phone": "", "new_lastName": "", "attempt": "a" * 24},
    {"record": "", "until": "", "attempt": "", "change": "", "picked": "", "company": ""},
    {"deal": "", "write": "", "person": "", "resource": "", "zone": "", "first": "", "link": ""},
    {"on": "", "all": "", "base": "", "seen": "", "shown": "", "theirs": "", "customer": ""},
)
"""Forms, in which the empty fields hold the hostile text. A larger form would be refused."""


@pytest.mark.records(3)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("fields", FIELDS, ids=", ".join)
@pytest.mark.thorough
def test_no_route_takes_long_for_a_hostile_form(
    installed: Cast, text: str, fields: dict[str, str], budget: float
) -> None:
    user = installed.regular_user
    share = text[: 440_000 // (6 * list(fields.values()).count(""))]
    form = {name: value or share for name, value in fields.items()}
    kind, headers = "application/x-www-form-urlencoded", {"X-Frame-Session": user.session}

    def is_quick(path: str, body: str) -> bool:
        def post() -> None:
            answer = user.client.post(path, data=body, content_type=kind, headers=headers)
            assert answer.status_code != 413

        return is_within(budget, post)

    first, *others = sorted(SESSION_ROUTES)
    # A form is decoded before its route is asked, and that takes most of the time: once is enough.
    assert is_quick(first, urlencode(form)), first
    body = "&".join(f"{name}={value.replace(' ', '+')}" for name, value in form.items())
    for path in others:
        assert is_quick(path, body), path


@pytest.mark.records(3)
@pytest.mark.parametrize("email", ["a@" + "a." * 40_000 + "@", "a@" * 60_000, "@." * 60_000])
def test_a_long_email_is_refused_at_once(installed: Cast, email: str, budget: float) -> None:
    def post() -> None:
        fields = {"new_email": email, "new_lastName": "Doe", "new_kind": "CONTACT"}
        assert installed.regular_user.post("/customers/create", fields).status_code == 422

    assert is_within(budget, post)


@pytest.mark.parametrize("email", ["a@" + "a." * 20_000 + "@", "a@a" + ".a" * 20_000, "@" * 40_000])
def test_a_draft_matches_no_text_that_is_too_long(email: str, budget: float) -> None:
    draft = Draft(Kind.CONTACT, {"lastName": "Doe", "email": email})
    assert is_within(budget, draft.faults)
    assert draft.faults()["email"] == "long"


def test_long_notes_are_joined_in_linear_time(budget: float) -> None:
    theirs, mine = ("\n".join(f"{who}{n}" for n in range(30_000)) for who in "ab")
    assert is_within(budget, lambda: both_notes(theirs, mine))
    assert both_notes("a\nb", "b\nc") == "a\nb\nc"


@pytest.mark.parametrize("text", ["1" * 200_000, "1-" * 100_000, "a" * 200_000])
def test_a_portals_long_texts_are_cut(text: str, budget: float) -> None:
    item = Item(
        id=5,
        last_name=text,
        fm=Rows(
            [Multifield(kind, f"{n}{text}") for n in range(500) for kind in ("PHONE", "EMAIL")]
        ),
    )
    customer = customer_from(Kind.CONTACT, item)
    assert len(customer.name or "") <= 255
    assert {len(one) for one in (*customer.phones, *customer.emails)} == {255}
    assert len(customer.phones) == len(customer.emails) == 100

    def mark() -> None:
        for phone in customer.phones:
            marked(phone, "1" * 99 + "2")

    assert is_within(budget, mark)


MARKS = {
    "two kinds": "\u0301" * 32_000 + "\u0323" * 32_000,
    "in turn": "\u0301\u0323" * 32_000,
    "spacing marks": "\u302e\U0001d165" * 32_000,
    "sound marks": "\uff9e\u0323" * 32_000,
    "that decompose": "\u0344\u0323" * 32_000,
}


@pytest.mark.parametrize("marks", MARKS.values(), ids=MARKS)
def test_runs_of_marks_are_not_sorted(marks: str, budget: float) -> None:
    assert is_within(budget, lambda: fold("a" + marks))
    with Flask(__name__).test_request_context():
        assert is_within(budget, lambda: record_row(Record(7, "a" + marks), {}))


@pytest.mark.parametrize(
    ("text", "searched"),
    [("Zoë ÅNGSTRÖM", "zoe angstrom"), ("Zoe\u0308", "zoe"), ("ﬁn №7", "fin no7"), ("Q1", "q1")],
)
def test_accents_do_not_count(text: str, searched: str) -> None:
    assert fold(text) == searched


@pytest.mark.records(20)
def test_notes_full_of_marks_do_not_delay_the_list(installed: Cast, budget: float) -> None:
    for record in installed.portal.records.values():
        record.note = "a" + "\u0301" * 8_000 + "\u0323" * 8_000
    assert is_within(budget * 2, lambda: installed.regular_user.open().text)
