"""Each error of a save has plain words and one next step. Later, the save succeeds."""

from __future__ import annotations

from html import unescape

import pytest
from flask import Flask

from sandbox import Sandbox
from sandbox.portal.portal import Portal
from tests.cast import ADMINISTRATOR, Person
from tests.web.error_cases import CANNOT_TELL, CODES, NUMBER, STATES, State, mend
from tests.web.steps import count_requests, customer_keys, visible_contacts

pytestmark = pytest.mark.records(12)
AGAIN = ">Try again</button>"


@pytest.mark.parametrize("state", STATES, ids=str)
def test_a_save_that_fails_says_why_and_succeeds_later(
    app: Flask,
    sandbox: Sandbox,
    olga: Person,
    raj: Person,
    portal: Portal,
    number: int,
    state: State,
) -> None:
    count_requests(app, sandbox)
    person = olga if state.user == ADMINISTRATOR else raj
    path, note = f"/records/{number}/save", portal.records[number].note or ""
    base, (one, other) = customer_keys(portal, number), visible_contacts(portal, number, 2)
    fields = {"base": base, "customer": [*base, one], "base_note": note, "note": note}
    # A portal tells with each answer when a method that has paused can be called again.
    assert "Saved." in person.post(path, fields).text

    fields |= {"base": [*base, one], "customer": [*base, one, other]}
    state.provoke(portal, number)
    said = unescape(person.post(path, fields).text)
    for part in (state.text, state.step, state.effect):
        assert part in said
    told, begin, details = said.partition("<details")
    assert begin
    assert not CODES.search(told)
    assert NUMBER.search(details)
    assert (AGAIN in said) is state.again
    assert f">{state.button}</button>" in said or not state.button
    mend(portal, number)
    assert customer_keys(portal, number) == fields["base"]
    if state.effect != CANNOT_TELL:
        # The page renews its session by itself.
        person.open()
        assert "Saved." in person.post(path, fields).text
        assert customer_keys(portal, number) == fields["customer"]
