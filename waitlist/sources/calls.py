"""Calls to the customers of one portal's records, as one of its users makes them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo

from bitrix24.batch import Command
from bitrix24.client import PortalClient
from store.calls.log import AHEAD, Call, CallStore, Mark, Result

SERVER_TIME = Command("server.time", {}, str)
JUST_BEEN = timedelta(minutes=10)
"""A form that is sent again means the same day, though its time may have passed meanwhile."""


class Calls:
    """The calls of one user. Times of the day are those of the portal's clock."""

    def __init__(
        self, store: CallStore, client: PortalClient, member_id: str, user_id: int
    ) -> None:
        self._store = store
        self._client = client
        self._member_id = member_id
        self._user_id = user_id

    def zone(self) -> tzinfo:
        """Return how far the portal's clock is ahead.

        Costs an HTTP request unless the portal has answered this process before.
        """
        if self._client.zone() is None:
            self._client.call(SERVER_TIME)
        return self._client.zone() or UTC

    def note(self, record_id: int, result: Result, callback_at: int = 0) -> Call:
        """Note the result of the user's call to a record, or that it has begun."""
        return self._store.add(self._member_id, record_id, self._user_id, result, callback_at)

    def take_back(self, record_id: int, number: int) -> Call | None:
        """Undo a call of the user. Returns None if there is nothing to undo."""
        return self._store.take_back(self._member_id, record_id, self._user_id, number)

    def next_time(self, hour: int, minute: int) -> int:
        """Return when it is next this time of the day, or has just been.

        In seconds since 1970.
        """
        now = datetime.now(self.zone())
        moment = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        if moment < now - JUST_BEEN:
            moment += timedelta(days=1)
        return int(moment.timestamp())

    def latest(self, records: Iterable[int] | None = None) -> dict[int, Call]:
        """Return the latest call of today to each record, or to these.

        A call back counts on the day on which it is due, too. Costs an HTTP request at most.
        """
        chosen = None if records is None else list(records)
        now = datetime.now(UTC)
        if self._client.zone() is None:
            # The zone costs a request, so it is asked for only where there are calls.
            recent = self._store.latest(self._member_id, int(now.timestamp()) - AHEAD, chosen)
            if not recent:
                return {}
        local = now.astimezone(self.zone())
        today = local.replace(hour=0, minute=0, second=0, microsecond=0)
        return self._store.latest(self._member_id, int(today.timestamp()), chosen)

    def of_record(self, record_id: int) -> list[Call]:
        """Return the latest calls to a record, newest first."""
        return self._store.newest(self._member_id, record_id)

    def mark(self) -> Mark:
        """Return the mark of a page that shows all calls as they are now."""
        return self._store.mark(self._member_id)

    def changed_since(self, mark: Mark) -> frozenset[int]:
        """Return the records whose latest call looks different since then."""
        return self._store.changed_since(self._member_id, mark)
