"""Calls to the customers of one portal's records, by the portal's clock."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo

from sqlalchemy import Engine

from bitrix24.batch import Command
from bitrix24.client import PortalClient
from store.calls.log import LONGEST_CALLBACK, Call, CallLog

SERVER_TIME = Command("server.time", {}, str)
JUST_BEEN = timedelta(minutes=10)
"""A form that is sent again means the same day, though its time may have passed meanwhile."""


class Calls(CallLog):
    """The calls of one portal, and what day and time it is there."""

    def __init__(self, engine: Engine, member_id: str, client: PortalClient) -> None:
        super().__init__(engine, member_id)
        self._client = client

    def zone(self) -> tzinfo:
        """Return how far the portal's clock is ahead.

        Costs an HTTP request unless the portal has answered this process before.
        """
        if self._client.zone() is None:
            self._client.call(SERVER_TIME)
        return self._client.zone() or UTC

    def next_time(self, hour: int, minute: int) -> int:
        """Return when it is next this time of the day, or has just been.

        In seconds since 1970.
        """
        now = datetime.now(self.zone())
        moment = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        if moment < now - JUST_BEEN:
            moment += timedelta(days=1)
        return int(moment.timestamp())

    def latest_today(self, records: Iterable[int] | None = None) -> dict[int, Call]:
        """Return the latest call of today to each record, or to these.

        A call back counts on the day on which it is due, too. Costs an HTTP request at most.
        """
        chosen = None if records is None else list(records)
        now = datetime.now(UTC)
        recent = int(now.timestamp()) - LONGEST_CALLBACK
        # The zone costs a request, so it is asked for only where there are calls.
        if self._client.zone() is None and not self.latest_since(recent, chosen):
            return {}
        local = now.astimezone(self.zone())
        today = local.replace(hour=0, minute=0, second=0, microsecond=0)
        return self.latest_since(int(today.timestamp()), chosen)
