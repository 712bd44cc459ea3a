"""On which records each customer was last seen. Ids only, and never the truth: records change
outside the app, so whoever asks here reads the record before believing it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Connection, Engine, delete, func, select

from store.engine import for_reading, insert_for, lock_portal
from store.schema import last_seen

FEW = 50
"""Records that a query names one by one; of more the portal's whole list is looked through."""


class LastSeenStore:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = for_reading(engine)
        self._insert = insert_for(engine)

    def records_of(self, member_id: str, customer: str) -> list[int]:
        """The records on which a customer, `CONTACT:5`, was last seen, newest first."""
        table = last_seen.c
        query = (
            select(table.record_id)
            .where(table.member_id == member_id, table.customer == customer)
            .order_by(table.record_id.desc())
        )
        with self._reading.begin() as connection:
            return list(connection.execute(query).scalars())

    def newest_records(
        self, member_id: str, customers: Collection[str], but: int = 0
    ) -> dict[str, int]:
        """For each of these customers the newest record on which they were last seen, other than
        `but`; those seen on none are left out."""
        table = last_seen.c
        query = (
            select(table.customer, func.max(table.record_id))
            .where(
                table.member_id == member_id,
                table.customer.in_(list(customers)),
                table.record_id != but,
            )
            .group_by(table.customer)
        )
        with self._reading.begin() as connection:
            return {customer: record for customer, record in connection.execute(query)}

    def newest_record(self, member_id: str) -> int:
        """The latest record on which anybody was seen; 0 where there is none."""
        query = select(func.max(last_seen.c.record_id)).where(last_seen.c.member_id == member_id)
        with self._reading.begin() as connection:
            return connection.execute(query).scalar_one() or 0

    def keep(self, member_id: str, seen: Mapping[int, Collection[str]]) -> None:
        """Notes who is on these records now; of other records nothing is changed."""
        wanted = {(record, key) for record, keys in seen.items() for key in keys}
        # Most of a list is as it was: only what differs is written, and seldom anything is.
        with self._reading.begin() as connection:
            if self._known(connection, member_id, seen) == wanted:
                return
        with self._engine.begin() as connection:
            # Two that write the same rows in different orders would wait for each other for ever.
            lock_portal(connection, member_id)
            known = self._known(connection, member_id, seen)
            self._forget(connection, member_id, known - wanted)
            rows = [
                {"member_id": member_id, "record_id": record, "customer": key}
                for record, key in wanted - known
            ]
            if rows:
                connection.execute(self._insert(last_seen).on_conflict_do_nothing(), rows)

    def keep_all(self, member_id: str, seen: Mapping[int, Collection[str]]) -> None:
        """Notes a whole list that was read to its end: other records are gone."""
        query = select(last_seen.c.record_id).where(last_seen.c.member_id == member_id).distinct()
        with self._reading.begin() as connection:
            gone = set(connection.execute(query).scalars()) - seen.keys()
        self.keep(member_id, {**dict.fromkeys(gone, ()), **seen})

    def drop(self, member_id: str, record_ids: Iterable[int]) -> None:
        """Forgets records that no longer exist."""
        self.keep(member_id, dict.fromkeys(record_ids, ()))

    @staticmethod
    def _known(
        connection: Connection, member_id: str, records: Collection[int]
    ) -> set[tuple[int, str]]:
        query = select(last_seen.c.record_id, last_seen.c.customer).where(
            last_seen.c.member_id == member_id
        )
        if len(records) <= FEW:
            query = query.where(last_seen.c.record_id.in_(list(records)))
        rows = connection.execute(query)
        return {(row.record_id, row.customer) for row in rows if row.record_id in records}

    @staticmethod
    def _forget(connection: Connection, member_id: str, pairs: Iterable[tuple[int, str]]) -> None:
        table = last_seen.c
        for record, customer in pairs:
            connection.execute(
                delete(last_seen).where(
                    table.member_id == member_id,
                    table.record_id == record,
                    table.customer == customer,
                )
            )
