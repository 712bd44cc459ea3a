"""No table grows without a bound, on both databases."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Table, event, func, insert, select, update

from store import schema
from store.deletion import ROWS_AT_ONCE, delete_all
from store.engine import open_engine
from store.portals import PortalStore, Status
from store.retention import DAY, UNUSED, Bound, Retention, bounds
from tests.contract.steps import ELSEWHERE, HERE
from tests.contract.workers import Workers

HISTORY_DAYS = 30
ALL = bounds(HISTORY_DAYS)
AGING = [bound for bound in ALL if bound.moment is not None]
FEW = 5
ONE_PER_PORTAL = {schema.portals, schema.uninstalls, schema.booking_scans}


def name(value: object) -> str:
    return value.table.name if isinstance(value, Bound) else str(value)


def fill(
    engine: Engine, table: Table, count: int, moment: int, portal: str = HERE.member_id
) -> None:
    """Add rows whose times are all this moment. `start` keeps the keys of several calls apart."""
    with engine.begin() as connection:
        start = connection.execute(select(func.count()).select_from(table)).scalar_one()
        rows = [row_of(table, start + number + 1, moment, portal) for number in range(count)]
        connection.execute(insert(table), rows)


def row_of(table: Table, number: int, moment: int, portal: str) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in table.columns:
        kind = column.type.python_type
        row[column.name] = kind(number) if kind in (str, bool) else number
        if column.name.endswith(("_at", "_until")):
            row[column.name] = moment
    return row | {"member_id": portal}


def rows_of(engine: Engine, table: Table, portal: str = HERE.member_id) -> int:
    query = select(func.count()).where(table.c.member_id == portal)
    with engine.begin() as connection:
        return int(connection.execute(query).scalar_one())


def prune(engine: Engine, most: int | None = None) -> dict[str, int]:
    """Delete all that is due; with `most`, that many rows of a portal are enough."""
    chosen = [replace(bound, most=most) for bound in ALL] if most else ALL
    deleted: dict[str, int] = {}
    for table, rows in Retention(engine, chosen).prune():
        deleted[table] = deleted.get(table, 0) + rows
    return deleted


@pytest.fixture
def database(portals: PortalStore, engine: Engine) -> Engine:
    assert portals.find(HERE.member_id) is not None
    return engine


def test_every_table_is_bounded() -> None:
    assert {bound.table for bound in ALL} | ONE_PER_PORTAL == set(schema.metadata.sorted_tables)


@pytest.mark.parametrize("bound", AGING, ids=name)
def test_old_rows_are_deleted(database: Engine, bound: Bound) -> None:
    now = int(time.time())
    for portal in (HERE.member_id, ELSEWHERE.member_id):
        fill(database, bound.table, 3, now - bound.seconds - 60, portal)
        fill(database, bound.table, 2, now - bound.seconds + 60, portal)
    assert prune(database) == {bound.table.name: 6}
    assert (
        rows_of(database, bound.table) == rows_of(database, bound.table, ELSEWHERE.member_id) == 2
    )


@pytest.mark.parametrize("bound", ALL, ids=name)
def test_a_portal_with_too_many_rows_keeps_the_newest(database: Engine, bound: Bound) -> None:
    now = int(time.time())
    for age in range(FEW + 3, 0, -1):
        fill(database, bound.table, 1, now + 60 - age)
    fill(database, bound.table, FEW, now + 60, ELSEWHERE.member_id)
    assert prune(database, FEW) == {bound.table.name: 3}
    assert rows_of(database, bound.table) == FEW
    assert rows_of(database, bound.table, ELSEWHERE.member_id) == FEW
    with database.begin() as connection:
        oldest = select(func.min(bound.order)).where(bound.table.c.member_id == HERE.member_id)
        kept = connection.execute(oldest).scalar_one()
    assert kept == (now + 60 - FEW if "_at" in bound.order.name else 4)


@pytest.fixture
def written(database: Engine) -> Iterator[list[tuple[str, int]]]:
    """The statements that write, and the rows that each has changed."""
    statements: list[tuple[str, int]] = []

    def note(_connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("SELECT", "BEGIN ", "PRAGMA")) or "IMMEDIATE" in statement:
            statements.append((statement.split()[0], cursor.rowcount))

    event.listen(database, "after_cursor_execute", note)
    yield statements
    event.remove(database, "after_cursor_execute", note)


@pytest.mark.parametrize("bound", AGING, ids=name)
def test_no_transaction_is_long(
    database: Engine, bound: Bound, written: list[tuple[str, int]]
) -> None:
    fill(database, bound.table, 2 * ROWS_AT_ONCE + 1, 0)
    written.clear()
    assert prune(database) == {bound.table.name: 2 * ROWS_AT_ONCE + 1}
    deleted = [rows for verb, rows in written if verb == "DELETE"]
    assert deleted == [ROWS_AT_ONCE, ROWS_AT_ONCE, 1]


def test_nothing_is_written_when_nothing_is_due(
    database: Engine, written: list[tuple[str, int]]
) -> None:
    for bound in ALL:
        fill(database, bound.table, 2, int(time.time()) + 60)
    written.clear()
    assert prune(database) == {}
    assert [verb for verb, _ in written if verb != "BEGIN"] == []


def test_a_caller_that_stops_is_followed_by_one_that_goes_on(database: Engine) -> None:
    fill(database, schema.changes, 2 * ROWS_AT_ONCE, 0)
    assert next(Retention(database, ALL).prune()) == ("changes", ROWS_AT_ONCE)
    assert rows_of(database, schema.changes) == ROWS_AT_ONCE
    assert prune(database) == {"changes": ROWS_AT_ONCE}


def set_portal(engine: Engine, status: Status, changed_at: int) -> None:
    here = schema.portals.c.member_id == HERE.member_id
    with engine.begin() as connection:
        values = {"status": status, "changed_at": changed_at}
        connection.execute(update(schema.portals).where(here).values(values))


def test_what_is_left_of_an_uninstalled_portal_is_deleted(database: Engine) -> None:
    """A worker may have died in the middle of an uninstall."""
    now = int(time.time()) + 60  # so that nothing is due before the last line
    for bound in ALL:
        fill(database, bound.table, 2, now)
        fill(database, bound.table, 2, now, ELSEWHERE.member_id)
    set_portal(database, Status.UNINSTALLED, now)
    prune(database)
    kept = {bound.table.name for bound in ALL if rows_of(database, bound.table)}
    assert kept == {"changes"}
    assert {rows_of(database, bound.table, ELSEWHERE.member_id) for bound in ALL} == {2}


@pytest.mark.parametrize("status", Status)
def test_a_portal_that_was_not_used_for_long_is_forgotten(database: Engine, status: Status) -> None:
    set_portal(database, status, int(time.time()) - UNUSED - DAY)
    fill(database, schema.last_seen, 2, 0)
    prune(database)
    assert rows_of(database, schema.portals) == rows_of(database, schema.last_seen) == 0
    assert rows_of(database, schema.portals, ELSEWHERE.member_id) == 1


@pytest.mark.parametrize(
    "table",
    [schema.user_tokens, schema.changes, schema.record_events, schema.uninstalls],
    ids=str,
)
def test_a_portal_that_is_used_is_not_forgotten(database: Engine, table: Table) -> None:
    set_portal(database, Status.INSTALLED, int(time.time()) - UNUSED - DAY)
    fill(database, table, 1, int(time.time()))
    prune(database)
    assert rows_of(database, schema.portals) == rows_of(database, table) == 1


def test_several_workers_may_delete_at_once(
    database: Engine, database_url: str, workers: Workers
) -> None:
    fill(database, schema.changes, 3 * ROWS_AT_ONCE, 0)
    fill(database, schema.attempts, 3 * ROWS_AT_ONCE, 0)
    workers.meet(_prune, database_url)
    assert rows_of(database, schema.changes) == rows_of(database, schema.attempts) == 0


def _prune(database_url: str) -> None:
    engine = open_engine(database_url)
    prune(engine)
    engine.dispose()


def test_a_row_that_was_renewed_meanwhile_is_kept(database: Engine) -> None:
    fill(database, schema.attempts, 2, 0)
    table = schema.attempts.c

    @event.listens_for(database, "before_cursor_execute")
    def renew(_connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("DELETE"):
            cursor.execute("UPDATE attempts SET claimed_at = 5000 WHERE attempt = '1'")

    assert delete_all(database, schema.attempts, table.claimed_at < 1000) == 1
    assert rows_of(database, schema.attempts) == 1


def test_uninstalling_takes_short_transactions(
    portals: PortalStore, database: Engine, written: list[tuple[str, int]]
) -> None:
    for bound in ALL:
        fill(database, bound.table, 2 * ROWS_AT_ONCE + 1, int(time.time()))
        fill(database, bound.table, 2, int(time.time()), ELSEWHERE.member_id)
    written.clear()
    portals.uninstall(HERE.member_id)
    gone = [bound.table for bound in ALL if bound.table is not schema.changes]
    assert {rows_of(database, table) for table in gone} == {0}
    assert {rows_of(database, bound.table, ELSEWHERE.member_id) for bound in ALL} == {2}
    users = 2 * ROWS_AT_ONCE + 1
    deleted = sorted({rows for verb, rows in written if verb == "DELETE"})
    assert deleted == [1, ROWS_AT_ONCE, users], "only access is deleted in one step"


@pytest.mark.parametrize(
    ("bound", "index"), [(ALL[0], "ix_changes_made_at"), (ALL[1], "ix_record_events_happened_at")]
)
def test_old_rows_are_found_by_an_index(database: Engine, bound: Bound, index: str) -> None:
    """Without it, each run would read the largest tables completely."""
    fill(database, bound.table, 1, 0)
    plans: list[str] = []

    @event.listens_for(database, "before_cursor_execute")
    def explain(
        connection: Connection, cursor: Any, statement: str, parameters: Any, *_: Any
    ) -> None:
        if not statement.startswith("SELECT"):
            return
        if connection.dialect.name == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        else:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {statement}", parameters)
        plans.extend(map(str, cursor.fetchall()))

    assert prune(database) == {bound.table.name: 1}
    assert index in " ".join(plans)
