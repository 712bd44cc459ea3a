"""How long rows are kept, and how many of one portal: no table grows without a bound."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Column, ColumnElement, Engine, Table, and_, exists, func, or_, select

from store import last_seen, oauth_states, record_events, schema
from store.deletion import delete_stepwise
from store.engine import for_reading
from store.pending import idempotency, writes
from store.portals import Status

DAY = 24 * 3600
UNUSED = 180 * DAY
"""Seconds after which a refresh token that was not used is dead. Source: the REST docs on OAuth."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What a table keeps: at most `most` rows of one portal, those with the highest `order`.

    Rows are deleted when their `moment` is more than `seconds` ago.
    """

    order: Column[int]
    most: int
    moment: Column[int] | None = None
    seconds: int = 0

    @property
    def table(self) -> Table:
        return self.order.table

    @property
    def member_id(self) -> Column[str]:
        return self.table.c.member_id


def bounds(history_days: int) -> tuple[Bound, ...]:
    """Return the bounds of all tables but those with at most one row for each portal."""
    events, claimed = schema.record_events.c, schema.attempts.c.claimed_at
    made, calls = schema.bookings.c, schema.calls.c
    coming = schema.coming_bookings.c
    used, until = schema.user_tokens.c.expires_at, schema.oauth_states.c.expires_at
    return (
        Bound(schema.changes.c.id, 100_000, schema.changes.c.made_at, history_days * DAY),
        Bound(made.booking_id, 20_000, made.made_at, history_days * DAY),
        Bound(calls.number, 100_000, calls.made_at, history_days * DAY),
        Bound(coming.booking_id, 6_000, coming.end_at),
        Bound(events.id, 10_000, events.happened_at, record_events.RETENTION),
        Bound(claimed, 20_000, claimed, idempotency.RETENTION),
        Bound(schema.writes.c.id, 1_000, schema.writes.c.asked_at, writes.RETENTION),
        Bound(used, 10_000, used, UNUSED),
        Bound(until, oauth_states.MOST, until),
        Bound(schema.last_seen.c.record_id, last_seen.MOST),
    )


class Retention:
    """Deletes what is too old or too much. Several workers may do so at the same time."""

    def __init__(self, engine: Engine, bounds: Sequence[Bound]) -> None:
        self._engine = engine
        self._reading = for_reading(engine)
        self._bounds = bounds

    def prune(self) -> Iterator[tuple[str, int]]:
        """Yield a table and the number of deleted rows after each transaction.

        A caller that stops reading stops the deletion. The next one continues it.
        """
        now = int(time.time())
        for bound in self._bounds:
            if bound.moment is not None:
                yield from self._delete(bound.table, bound.moment < now - bound.seconds)
            for portal, surplus in self._crowded(bound):
                yield from self._delete(
                    bound.table, bound.member_id == portal, bound.order <= surplus
                )
        yield from self._prune_portals(now)

    def _crowded(self, bound: Bound) -> Iterator[tuple[str, int]]:
        """Yield each portal with too many rows, and the highest `order` that is too much."""
        counts = select(bound.member_id).group_by(bound.member_id)
        with self._reading.begin() as connection:
            portals = connection.execute(counts.having(func.count() > bound.most)).scalars().all()
        for portal in portals:
            newest = select(bound.order).where(bound.member_id == portal)
            query = newest.order_by(bound.order.desc()).offset(bound.most).limit(1)
            with self._reading.begin() as connection:
                for surplus in connection.execute(query).scalars().all():
                    yield portal, surplus

    def _prune_portals(self, now: int) -> Iterator[tuple[str, int]]:
        """Delete what portals without the app have left, and portals not used for long.

        The next launch of such a portal makes its row again.
        """
        table = schema.portals.c
        kept = (schema.user_tokens, schema.changes, schema.uninstalls, schema.record_events)
        unused = and_(
            table.changed_at < now - UNUSED,
            *(~exists().where(one.c.member_id == table.member_id) for one in kept),
        )
        gone = select(table.member_id).where(or_(table.status == Status.UNINSTALLED, unused))
        for bound in self._bounds:
            if bound.table is not schema.changes:
                yield from self._delete(bound.table, bound.member_id.in_(gone))
        yield from self._delete(schema.portals, unused)

    def _delete(self, table: Table, *conditions: ColumnElement[bool]) -> Iterator[tuple[str, int]]:
        for rows in delete_stepwise(self._engine, table, *conditions):
            yield table.name, rows
