"""Three users change a record in any order, and the portal fails in between.

No customer is lost or comes back unasked, and no message is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from werkzeug.test import TestResponse

from tests.cast import REGULAR_USER, Cast, Person
from tests.web.steps import colleague_sets, customer_keys, undo_fields
from web.services import services_of

SET, UNSET = "booking.v1.waitlist.client.set", "booking.v1.waitlist.client.unset"
UPDATE, GET = "booking.v1.waitlist.update", "booking.v1.waitlist.get"
FIELD = re.compile(r'name="(base|base_note|theirs|theirs_note)" value="([^"]*)"')
MISFORTUNES: dict[str, tuple[tuple[str, str, dict[str, Any]], ...]] = {
    "none": (),
    "the request is lost": (("drop_before", "*.client.*set", {}),),
    "the answer is lost": (("drop_after", "*.client.*set", {}),),
    "the answer is cut": (("truncated", "*.client.*set", {}),),
    "the answer is lost, and the record cannot be read": (
        ("drop_after", "*.client.*set", {}),
        ("server_error", GET, {"probability": 0.5}),
    ),
    "the portal fails": (("error", "*.client.*set", {"code": "1035"}),),
    "the portal refuses": (("error", "*.client.*set", {"code": "ACCESS_DENIED"}),),
    "the answer to the note is lost": (("drop_after", UPDATE, {}),),
    "the note is refused": (("error", UPDATE, {"code": "1035"}),),
    "a colleague saves before": (("colleague_edit", "*.client.*set", {}),),
    "a colleague saves meanwhile": (("colleague_race", SET, {}),),
    "a colleague saves, and the answer is lost": (
        ("colleague_edit", "*.client.*set", {}),
        ("drop_after", "*.client.*set", {}),
    ),
}
people = st.sampled_from(["olga", "raj"])
numbers = st.integers(0, 5)
fates = st.sampled_from(sorted(MISFORTUNES))
lists = st.lists(numbers, unique=True, max_size=4)
notes = st.sampled_from(["Call", "Later", ""])


@dataclass
class Desk:
    """A user with the record open: as it was loaded, and the user's last *Undo*."""

    person: Person
    base: list[str] = field(default_factory=list)
    base_note: str = ""
    undo: dict[str, str] = field(default_factory=dict)
    undone: tuple[list[str], str] = field(default_factory=lambda: ([], ""))
    saved: tuple[list[str], str] = field(default_factory=lambda: ([], ""))


class People(RuleBasedStateMachine):
    def __init__(self, app: Flask, cast: Cast) -> None:
        super().__init__()
        self.portal = cast.portal
        self.changes = services_of(app).changes
        self.desks = {"olga": Desk(cast.administrator), "raj": Desk(cast.regular_user)}
        self.hidden = [
            f"CONTACT:{number}" for number in self.portal.user(REGULAR_USER).hidden_contacts
        ]
        shown = (f"CONTACT:{one}" for one in self.portal.state.contacts)
        self.pool = [next(one for one in shown if one not in self.hidden) for _ in range(4)]
        self.pool += ["COMPANY:1", "COMPANY:2"]
        self.number = next(n for n, row in self.portal.records.items() if not row.external)

    @initialize(start=lists, hidden=st.booleans())
    def begin(self, start: list[int], hidden: bool) -> None:
        there = [self.pool[one] for one in start] + self.hidden[:1] * hidden
        colleague_sets(self.portal, self.number, there)
        self.portal.records[self.number].note = "Call"
        for who in self.desks:
            self.open(who)

    @property
    def truth(self) -> tuple[list[str], str]:
        return customer_keys(self.portal, self.number), self.portal.records[self.number].note or ""

    @rule(who=people)
    def open(self, who: str) -> None:
        self._load(self.desks[who], self.desks[who].person.post(f"/records/{self.number}"))
        assert (self.desks[who].base, self.desks[who].base_note) == self.truth

    @rule(there=lists, note=notes)
    def change_outside(self, there: list[int], note: str) -> None:
        colleague_sets(self.portal, self.number, [self.pool[one] for one in there])
        self.portal.records[self.number].note = note

    @rule(
        who=people,
        wish=lists,
        hidden=st.booleans(),
        note=notes,
        fate=fates,
        choice=st.sampled_from(["mine", "theirs", "both"]),
    )
    def save(
        self, who: str, wish: list[int], hidden: bool, note: str, fate: str, choice: str
    ) -> None:
        """Save what the page was loaded with, whatever the record is by now."""
        desk = self.desks[who]
        stay = [one for one in self.hidden if one in desk.base and hidden]
        mine = [self.pool[one] for one in wish] + stay
        form = {
            "base": desk.base,
            "customer": mine,
            "base_note": desk.base_note,
            "note": note,
        }
        answer = self._send(desk, fate, "save", form, desk.base, mine)
        if 'name="choice"' not in answer.text:
            return
        shown: dict[str, list[str]] = {"theirs": [], "theirs_note": []}
        for name, value in FIELD.findall(answer.text.partition('id="conflict"')[2]):
            shown.setdefault(name, []).append(unescape(value))
        theirs, theirs_note = shown["theirs"], "".join(shown["theirs_note"][:1])
        assert (theirs, theirs_note) == self.truth
        chosen = {"mine": mine, "theirs": theirs, "both": [*mine, *theirs]}[choice]
        asked = {**form, "theirs": theirs, "theirs_note": theirs_note, "choice": choice}
        self._send(desk, "none", "save", asked, theirs, chosen)

    @rule(who=people, fate=fates)
    def take_back(self, who: str, fate: str) -> None:
        desk = self.desks[who]
        if not desk.undo:
            return
        nothing_since = self.truth == desk.saved
        (base, _), (mine, note) = desk.saved, desk.undone
        answer = self._send(desk, fate, "undo", desk.undo, base, mine)
        if nothing_since and fate == "none":
            assert answer.status_code == 200
            assert self.truth == (mine, note)

    def _send(
        self,
        desk: Desk,
        fate: str,
        what: str,
        fields: dict[str, Any],
        base: list[str],
        mine: list[str],
    ) -> TestResponse:
        """Check that this user or the colleague explains each customer that came or went."""
        (before, note), row = self.truth, self._newest()
        for kind, method, options in MISFORTUNES[fate]:
            more: dict[str, Any] = {"clients": [["COMPANY", 3]]} if "colleague" in kind else {}
            self.portal.faults.add(kind, method, count=1, **options, **more)
        answer = desk.person.post(f"/records/{self.number}/{what}", fields)
        self.portal.faults.clear()
        after, note_after = self.truth
        added, removed = set(mine) - set(base), set(base) - set(mine)
        outside = {"COMPANY:3"} if "colleague" in fate else set()
        assert set(before) - set(after) <= removed
        assert set(after) - set(before) <= added | outside
        if "Saved." in answer.text or "Undone." in answer.text:
            assert added <= set(after)
            assert not removed & (set(after) - outside)
            if set(before) != set(after):
                newest = self._newest()
                assert newest is not None
                assert newest != row
                assert (set(newest.before) ^ set(before)) <= outside
                assert newest.after == tuple(after)
            self._load(desk, answer)
            assert (desk.base, desk.base_note) == (after, note_after)
            desk.undo = undo_fields(answer.text)
            desk.undone, desk.saved = (before, note), (after, note_after)
        elif "Nothing was" in answer.text:
            assert set(before) ^ set(after) <= outside
            assert note == note_after
        return answer

    def _newest(self) -> Any:
        return next(iter(self.changes.newest(self.portal.member_id, self.number, limit=1)), None)

    @staticmethod
    def _load(desk: Desk, answer: TestResponse) -> None:
        assert answer.status_code == 200
        editor = answer.text.partition('id="record"')[2]
        shown: dict[str, list[str]] = {"base": [], "base_note": []}
        for name, value in FIELD.findall(editor):
            shown.setdefault(name, []).append(unescape(value))
        desk.base = shown["base"]
        desk.base_note = "".join(shown["base_note"][:1])


@pytest.mark.records(20)
@pytest.mark.thorough
def test_no_customer_is_lost_and_no_message_is_wrong(app: Flask, installed: Cast) -> None:
    class Here(People):
        def __init__(self) -> None:
            super().__init__(app, installed)

    run_state_machine_as_test(
        Here,
        settings=settings(
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            max_examples=20,
            stateful_step_count=15,
            suppress_health_check=list(HealthCheck),
        ),
    )
