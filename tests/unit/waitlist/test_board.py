"""The list is complete and true in the end. This holds for any number of records and any CRM
mirror, while others add and remove records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitrix24.batch import BATCH_SIZE, Command
from bitrix24.errors import Refused
from tests.fake_portal import FakePortal
from tests.unit.waitlist.steps import context_on
from waitlist.board.live import check_rows
from waitlist.board.read import ROUND, open_board, read_board
from waitlist.models import Board, CustomerRef, Kind
from waitlist.sources.quirks import Quirk, Quirks

TODAY = date(2026, 3, 10)
PAGE = 50
COUNTS = st.one_of(st.sampled_from([0, 49, 50, 51, 137, 249, 250, 251, 1000]), st.integers(0, 620))


def contact(number: int) -> CustomerRef:
    return CustomerRef(Kind.CONTACT, number)


@dataclass
class Portal(FakePortal):
    """Has records with their customers, and what the mirror says about them.

    `meanwhile` is what others do after each request.
    """

    records: Mapping[int, tuple[int, ...]]
    mirror: Mapping[int, tuple[int, ...]]
    meanwhile: Callable[[Portal], None] = lambda _: None
    requests: int = 0
    asked: list[str] = field(default_factory=list)

    @property
    def portal(self) -> str:
        return "one.example.com"

    def today(self) -> date:
        return TODAY

    def after_request(self, _commands: int) -> None:
        self.requests += 1
        self.meanwhile(self)

    def total(self, command: Command) -> int | None:
        return len(self.mirror) if command.method == "crm.activity.list" else None

    def answer(self, command: Command) -> Any:
        self.asked.append(command.method)
        try:
            return self.result(command.method, command.params)
        except LookupError:
            raise Refused("1040", "Wait list not found", 400) from None

    def result(self, method: str, params: Mapping[str, Any]) -> Any:
        start = params.get("start", 0)
        if method == "booking.v1.waitlist.list":
            rows = [] if "filter" in params else list(self.records)[start : start + PAGE]
            return {"waitList": [{"id": number, "note": None} for number in rows]}
        if method == "booking.v1.waitlist.get":
            if params["id"] not in self.records:
                raise LookupError
            return {"waitList": {"id": params["id"], "note": None}}
        if method == "booking.v1.waitlist.client.list":
            ids = self.records[params["waitListId"]]
            client = {"type": {"module": "crm", "code": "CONTACT"}}
            return {"waitListClient": [{"id": number, **client} for number in ids]}
        if method == "crm.activity.list":
            return [self.activity(number) for number in list(self.mirror)[start : start + PAGE]]
        return {"items": [{"id": number, "name": "N"} for number in params["filter"]["@id"]]}

    def activity(self, number: int) -> dict[str, Any]:
        clients = [{"typeCode": "CONTACT", "id": one} for one in self.mirror[number]]
        return {
            "ID": str(number),
            "ASSOCIATED_ENTITY_ID": str(number),
            "CREATED": "2026-03-09T10:00:00+00:00",
            "SETTINGS": {"FIELDS": {"clients": clients}},
        }


def board(portal: Portal, quirks: Quirks | None = None) -> Board:
    return read_board(context_on(portal, quirks))


def doubting(portal: Portal) -> Quirks:
    """Return quirks that keep the app from using the portal's mirror."""
    quirks = Quirks()
    quirks.mirror_is_true.put(portal.portal, False, 60)
    return quirks


def in_the_end(portal: Portal, painted: Board) -> dict[int, tuple[int, ...]]:
    """Return each record's customers after the page has checked its unverified rows."""
    rows = {record.id: record.customers for record in painted.records}
    unverified = sorted(painted.unverified)
    for start in range(0, len(unverified), BATCH_SIZE):
        part = unverified[start : start + BATCH_SIZE]
        different, gone = check_rows(context_on(portal), {number: rows[number] for number in part})
        rows |= {record.id: record.customers for record in different}
        for number in gone:
            del rows[number]
    return {number: tuple(ref.id for ref in refs) for number, refs in rows.items()}


def people(number: int) -> tuple[int, ...]:
    return tuple({number % 90 + 1, number % 7 + 1})[: number % 3]


def mirrored(records: Mapping[int, tuple[int, ...]]) -> dict[int, tuple[int, ...]]:
    return {number: ids for number, ids in records.items() if ids}


@settings(deadline=None, max_examples=60)
@given(
    count=COUNTS,
    stale=st.dictionaries(st.integers(1, 1200), st.tuples(st.integers(1, 90)), max_size=60),
    unmirrored=st.sets(st.integers(1, 1200), max_size=60),
)
def test_whatever_the_mirror_says_the_list_is_true_in_the_end(
    count: int, stale: dict[int, tuple[int, ...]], unmirrored: set[int]
) -> None:
    records = {number: people(number) for number in range(1, count + 1)}
    mirror = {n: ids for n, ids in (mirrored(records) | stale).items() if n not in unmirrored}
    portal = Portal(dict(records), mirror)
    painted = board(portal)
    assert painted.complete
    assert painted.unverified <= mirror.keys()
    assert in_the_end(portal, painted) == records


@settings(deadline=None, max_examples=60)
@given(count=COUNTS, added=st.integers(0, 30), deleted=st.sets(st.integers(1, 1200), max_size=40))
def test_records_that_stay_are_there_while_others_come_and_go(
    count: int, added: int, deleted: set[int]
) -> None:
    records = {number: people(number) for number in range(1, count + 1)}

    def change(portal: Portal) -> None:
        if portal.requests > 3:
            return
        first = 10_000 + 100 * portal.requests
        new = dict.fromkeys(range(first, first + added), (1,))
        gone = sorted(deleted)[portal.requests :: 3]
        portal.records = {n: ids for n, ids in {**portal.records, **new}.items() if n not in gone}

    portal = Portal(dict(records), mirrored(records), meanwhile=change)
    shown = in_the_end(portal, board(portal))
    assert {n: shown.get(n) for n in records.keys() - deleted} == {
        n: ids for n, ids in records.items() if n not in deleted
    }
    assert shown.keys() - portal.records.keys() <= deleted


@settings(deadline=None, max_examples=60)
@given(count=COUNTS)
def test_without_a_mirror_the_list_comes_in_parts_whose_names_travel_with_the_next(
    count: int,
) -> None:
    records = {number: people(number) for number in range(1, count + 1)}
    whole, portal = Portal(records, {}), Portal(records, {})
    opened = open_board(context_on(portal, doubting(portal)))
    numbers: list[int] = []
    for part in opened.parts:
        assert portal.asked.count("booking.v1.waitlist.client.list") <= len(numbers) + 2 * ROUND
        assert {ref for record in part.records for ref in record.customers} <= part.customers.keys()
        numbers += [record.id for record in part.records]
    assert numbers == sorted(records, reverse=True)
    everything = board(whole, doubting(whole))
    assert [record.id for record in everything.records] == numbers
    assert portal.requests == whole.requests <= count / 50 + 7


def test_a_true_mirror_saves_most_of_the_requests() -> None:
    records = {number: (number % 90 + 1,) for number in range(1, 1001)}
    portal = Portal(records, mirrored(records))
    assert len(board(portal).unverified) == 970
    assert portal.requests <= 4
    spared = Portal(records, mirrored(records))
    assert not board(spared, doubting(spared)).unverified
    assert "crm.activity.list" not in spared.asked


def test_one_record_that_differs_for_no_reason_is_enough_for_doubt() -> None:
    records = {number: (number % 90 + 1,) for number in range(1, 301)}
    quirks = Quirks()
    portal = Portal(records, {number: (ids[0] + 1,) for number, ids in records.items()})
    assert not board(portal, quirks).unverified
    assert quirks.mirror_is_true.get(portal.portal) is False


@pytest.mark.parametrize("true", [True, False])
def test_what_was_found_out_is_forgotten_in_time(true: bool) -> None:
    now = [0.0]
    quirks = Quirks(mirror_is_true=Quirk(timer=lambda: now[0]))
    quirks.mirror_is_true.put("one.example.com", true, 60)
    now[0] = 59
    assert quirks.mirror_is_true.get("one.example.com") is true
    assert quirks.mirror_is_true.get("two.example.com") is None
    now[0] = 60
    assert quirks.mirror_is_true.get("one.example.com") is None
