"""The records on which each customer was last seen (IDs only). Read them before relying on them."""

from collections.abc import Collection, Iterable, Mapping
from itertools import accumulate

from sqlalchemy import Connection, bindparam, delete, func, select, update

from store.engine import Store, lock_portal
from store.schema import last_seen, portals

FEW = 50
"""The most record IDs that a query names. For more, it reads all rows of the portal."""

MOST_AT_ONCE = 1000
"""Rows that one transaction writes."""
MOST = 200_000
"""Rows of one portal that are kept, those of its newest records."""
Rows = list[dict[str, object]]


class LastSeenStore(Store):
    def records_of(self, member_id: str, customer: str) -> list[int]:
        """Return the records of the customer with this key, newest first.

        A key is such as `CONTACT:5`.
        """
        table = last_seen.c
        query = (
            select(table.record_id)
            .where(table.member_id == member_id, table.customer == customer)
            .order_by(table.record_id.desc())
        )
        return list(self._values(query))

    def newest_records(
        self, member_id: str, customers: Collection[str], but: int = 0
    ) -> dict[str, int]:
        """Return each customer's newest record other than `but`, where there is one."""
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
        return {customer: record for customer, record in self._rows(query)}

    def known_of(self, member_id: str, record_ids: Collection[int]) -> set[int]:
        """Return those of these records on which a portal's answer has shown a customer."""
        if not record_ids:
            return set()
        query = select(last_seen.c.record_id).where(
            last_seen.c.member_id == member_id, last_seen.c.record_id.in_(record_ids)
        )
        return set(self._values(query.distinct()))

    def newest_record(self, member_id: str) -> int:
        """Return the ID of the latest record that the portal has named in an answer, or 0."""
        query = select(portals.c.newest_record).where(portals.c.member_id == member_id)
        seen = select(func.max(last_seen.c.record_id)).where(last_seen.c.member_id == member_id)
        with self._reading.begin() as connection:
            found = (connection.execute(one).scalar_one_or_none() for one in (query, seen))
            return max(one or 0 for one in found)

    def save_newest(self, member_id: str, record_id: int) -> None:
        """Store the ID of a record that the portal has named, if it is the latest."""
        table = portals.c
        older = (table.member_id == member_id, table.newest_record < record_id)
        if self._values(select(table.member_id).where(*older)):
            self._write(update(portals).where(*older).values(newest_record=record_id))

    def save(self, member_id: str, seen: Mapping[int, Collection[str]]) -> None:
        """Store the customers of these records. Other records stay as they are."""
        wanted = {(record, key) for record, keys in seen.items() for key in keys}
        # Usually nothing has changed. Then this takes no write lock.
        with self._reading.begin() as connection:
            known = self._known(connection, member_id, seen)
        self._replace(member_id, known - wanted, wanted - known)

    def _replace(
        self, member_id: str, gone: Collection[tuple[int, str]], new: Collection[tuple[int, str]]
    ) -> None:
        """Delete and insert pairs of a record and a customer.

        A long list takes several transactions, because others wait while one writes.
        """
        for change, pairs in ((self._remove, sorted(gone)), (self._add, sorted(new))):
            for start in range(0, len(pairs), MOST_AT_ONCE):
                rows: Rows = [
                    {"member": member_id, "record": record, "key": key}
                    for record, key in pairs[start : start + MOST_AT_ONCE]
                ]
                with self._engine.begin() as connection:
                    # Transactions that write the same rows in different orders would deadlock.
                    lock_portal(connection, member_id)
                    change(connection, rows)

    def save_all(self, member_id: str, seen: Mapping[int, Collection[str]]) -> None:
        """Store a complete list. Records that are not in it are deleted here.

        Of a list that is too long, only the newest records are stored.
        """
        seen = _newest(seen)
        query = select(last_seen.c.record_id).where(last_seen.c.member_id == member_id).distinct()
        gone = set(self._values(query)) - seen.keys()
        self.save(member_id, {**dict.fromkeys(gone, ()), **seen})

    def delete(self, member_id: str, record_ids: Iterable[int]) -> None:
        """Delete records that no longer exist."""
        self.save(member_id, dict.fromkeys(record_ids, ()))

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
    def _remove(connection: Connection, rows: Rows) -> None:
        table = last_seen.c
        statement = delete(last_seen).where(
            table.member_id == bindparam("member"),
            table.record_id == bindparam("record"),
            table.customer == bindparam("key"),
        )
        connection.execute(statement, rows)

    def _add(self, connection: Connection, rows: Rows) -> None:
        statement = self._insert(last_seen).values(
            member_id=bindparam("member"), record_id=bindparam("record"), customer=bindparam("key")
        )
        connection.execute(statement.on_conflict_do_nothing(), rows)


def _newest(seen: Mapping[int, Collection[str]]) -> Mapping[int, Collection[str]]:
    rows = accumulate(len(seen[record]) for record in sorted(seen, reverse=True))
    kept = sum(1 for count in rows if count <= MOST)
    return {record: seen[record] for record in sorted(seen, reverse=True)[:kept]}
