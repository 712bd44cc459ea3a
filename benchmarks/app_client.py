"""Does the jobs with the app's own code."""

from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from unittest.mock import create_autospec

from sqlalchemy import create_engine

from bitrix24.batch import BATCH_SIZE, Command
from bitrix24.client import PortalClient
from bitrix24.exchange import Exchange
from bitrix24.http.transport import Transport
from bitrix24.limits import Limits
from store.bookings.made import MadeBookings
from store.bookings.snapshot import BookingSnapshot
from store.pending.deferred import Deferred
from store.pending.idempotency import AttemptStore
from waitlist.board.live import check_rows
from waitlist.board.read import read_board
from waitlist.context import UserContext
from waitlist.customers.cache import CustomerCache
from waitlist.customers.reader import CustomerReader
from waitlist.customers.search import search
from waitlist.idempotency import Attempts
from waitlist.models import CustomerRef, CustomerRefs, Kind, Record
from waitlist.pending_writes import PendingWrites
from waitlist.records.edit import Edit, Saved
from waitlist.records.read import client_list, customers_of
from waitlist.records.save import save
from waitlist.records.write import SET
from waitlist.sources.calls import Calls
from waitlist.sources.history import History
from waitlist.sources.next_bookings import NextBookings
from waitlist.sources.quirks import Quirks
from waitlist.sources.tracker import RecordTracker
from waitlist.unanswered import send_or_find


class Token:
    """A token that is good for a whole job."""

    def __init__(self, value: str) -> None:
        self._value = value

    def access_token(self) -> str:
        return self._value

    def retire(self, refused: str) -> None:
        pass

    def renew(self, spent: str) -> str:
        raise RuntimeError(f"a token of {len(spent)} characters expired in the middle of a job")


def _rows(customers: CustomerRefs) -> list[dict[str, Any]]:
    return [{"id": ref.id, "type": {"module": "crm", "code": ref.kind}} for ref in customers]


def _writes() -> Any:
    """Return pending writes that note nothing, and look up what has no answer as the app does."""
    writes = create_autospec(PendingWrites, instance=True)
    claim = writes.claim.return_value.__enter__.return_value
    claim.send_or_find.side_effect = lambda _intent, send, find, *gone, **_options: send_or_find(
        send, find, *gone
    )
    return writes


class AppClient:
    """The app as one user with an empty cache. History and tracker save nothing.

    Their tables belong to installed portals, and writing to them costs no HTTP request.
    """

    def __init__(self, arguments: dict[str, Any]) -> None:
        transport = Transport(60, allow_private=True)
        transport._session.verify = arguments["ca_file"]
        folder = Path(mkdtemp())
        limits = Limits(folder / "limits")
        token = Token(arguments["token"])
        self.client = PortalClient(
            arguments["client_endpoint"], token, transport, observer=self._count, limits=limits
        )
        self.context = UserContext(
            client=self.client,
            customers=CustomerReader(self.client, CustomerCache(), "bench", 1),
            user_names=lambda _: {},
            history=create_autospec(History, instance=True),
            tracker=create_autospec(RecordTracker, instance=True),
            quirks=Quirks(),
            attempts=Attempts(AttemptStore(create_engine("sqlite://")), Deferred(), "bench", 1),
            writes=_writes(),
            bookings=create_autospec(MadeBookings, instance=True),
            calls=create_autospec(Calls, instance=True),
            next_bookings=create_autospec(NextBookings, instance=True),
            booking_snapshot=create_autospec(BookingSnapshot, instance=True),
            user_id=1,
        )
        self.arguments = arguments
        self.unverified: list[Record] = []
        self.sent = 0

    def _count(self, _exchange: Exchange) -> None:
        self.sent += 1

    def board(self) -> list[int]:
        board = read_board(self.context)
        self.unverified = [row for row in board.records if row.id in board.unverified]
        names = sum(customer.visible for customer in board.customers.values())
        return [len(board.records), sum(len(row.customers) for row in board.records), names]

    def check_unverified(self) -> int:
        """Compare the rows of the CRM mirror as the page does later, without its pauses.

        Returns the number of HTTP requests.
        """
        before = self.sent
        for start in range(0, len(self.unverified), BATCH_SIZE):
            rows = self.unverified[start : start + BATCH_SIZE]
            different, _gone = check_rows(self.context, {row.id: row.customers for row in rows})
            assert not different  # noqa: S101
        return self.sent - before

    def change(self) -> list[int]:
        """Add one customer to many records: read them, write those without her, and read back."""
        ids, new = self.arguments["records"], CustomerRef(Kind.CONTACT, self.arguments["contact"])
        found = customers_of(self.client.read(map(client_list, ids)), ids).customers
        writes = [
            Command(SET, {"waitListId": one, "clients": _rows((*customers, new))})
            for one, customers in found.items()
            if new not in customers
        ]
        assert not self.client.batch(writes).errors  # noqa: S101
        after = customers_of(self.client.read(map(client_list, ids)), ids).customers
        return [sum(new in customers for customers in after.values())]

    def save(self) -> list[int]:
        """Add one customer to a record that the page has read before."""
        before = tuple(map(CustomerRef.parse, self.arguments["before"]))
        new = CustomerRef(Kind.CONTACT, self.arguments["contact"])
        saved = save(self.context, self.arguments["record"], Edit(before, (*before, new)))
        assert isinstance(saved, Saved)  # noqa: S101
        return [len(saved.record.customers) - len(before)]

    def search(self) -> list[int]:
        found = search(self.context.customers, self.context.quirks, self.arguments["word"])
        return [int(bool(found.customers))]
