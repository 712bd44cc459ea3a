"""The history of records, on both databases."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event

from store.changes import NEWEST, ChangeStore
from store.portals import PortalStore
from tests.contract.steps import ELSEWHERE, HERE

PORTAL = HERE.member_id


def test_a_change_is_found_as_it_was_added(changes: ChangeStore) -> None:
    added = changes.add(PORTAL, 3, 7, ("CONTACT:5",), ("CONTACT:5", "COMPANY:6"))
    found = changes.find(PORTAL, 3, added)
    assert found is not None
    assert (found.id, found.record_id, found.user_id) == (added, 3, 7)
    assert found.before == ("CONTACT:5",)
    assert found.after == ("CONTACT:5", "COMPANY:6")


def test_no_customers_are_read_back_as_no_customers(changes: ChangeStore) -> None:
    added = changes.add(PORTAL, 3, 7, (), ("CONTACT:5",))
    found = changes.find(PORTAL, 3, added)
    assert found is not None
    assert found.before == ()


def test_a_change_is_found_for_its_own_portal_and_record_only(changes: ChangeStore) -> None:
    added = changes.add(PORTAL, 3, 7, (), ())
    assert changes.find(ELSEWHERE.member_id, 3, added) is None
    assert changes.find(PORTAL, 4, added) is None


def test_the_newest_changes_of_a_record_come_first(changes: ChangeStore) -> None:
    added = [changes.add(PORTAL, 3, 7, (), ()) for _ in range(NEWEST + 5)]
    changes.add(PORTAL, 4, 7, (), ())
    changes.add(ELSEWHERE.member_id, 3, 7, (), ())
    assert [change.id for change in changes.newest(PORTAL, 3)] == added[::-1][:NEWEST]


def test_the_newest_changes_of_a_user_are_those_of_all_records(changes: ChangeStore) -> None:
    added = [changes.add(PORTAL, record, 7, (), ()) for record in (3, 4)]
    changes.add(PORTAL, 3, 8, (), ())
    changes.add(ELSEWHERE.member_id, 3, 7, (), ())
    assert [change.id for change in changes.newest_by(PORTAL, 7)] == added[::-1]


def test_the_newest_changes_of_a_user_are_found_by_an_index(
    changes: ChangeStore, engine: Engine
) -> None:
    changes.add(PORTAL, 3, 7, (), ())
    plans: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def explain(
        connection: Connection, cursor: Any, statement: str, parameters: Any, *_: Any
    ) -> None:
        if connection.dialect.name == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        else:
            # So small a table is not worth an index.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {statement}", parameters)
        plans.extend(map(str, cursor.fetchall()))

    assert len(changes.newest_by(PORTAL, 7)) == 1
    assert "ix_changes_user" in " ".join(plans)


def test_uninstalling_keeps_the_history_until_it_is_deleted(
    changes: ChangeStore, portals: PortalStore
) -> None:
    changes.add(PORTAL, 3, 7, (), ())
    changes.add(ELSEWHERE.member_id, 3, 7, (), ())
    portals.uninstall(PORTAL)
    assert len(changes.newest(PORTAL, 3)) == 1
    changes.delete(PORTAL)
    assert not changes.newest(PORTAL, 3)
    assert len(changes.newest(ELSEWHERE.member_id, 3)) == 1


def test_the_numbers_of_changes_count_within_a_portal(changes: ChangeStore) -> None:
    first = changes.add(PORTAL, 3, 7, (), ())
    for _ in range(5):
        changes.add(ELSEWHERE.member_id, 3, 7, (), ())
    assert changes.add(PORTAL, 4, 7, (), ()) == first + 1
    assert changes.add(ELSEWHERE.member_id, 4, 7, (), ()) == 6
