"""A portal in memory that books as the real one does: two bookings may take the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from typing import Any

from bitrix24.batch import BatchAnswer, Command
from bitrix24.errors import NoAnswer, PortalError, Refused
from tests.fake_portal import FakePortal

CONTACT = {"module": "crm", "code": "CONTACT"}


class MemoryPortal(FakePortal):
    """Records and bookings by their IDs; `before_request` is called once a request.

    `lose` says for each request whether its answer gets lost, or the request itself.
    """

    def __init__(self, before_request: Callable[[], None], lose: Callable[[], str]) -> None:
        self.before_request = before_request
        self.lose = lose
        self.numbers = count(1)
        self.records: dict[int, list[int]] = {}
        self.bookings: dict[int, dict[str, Any]] = {}
        self.closed: list[int] = []
        self._first: int = 0

    def hold_place(self) -> None:
        """There is always one."""

    def add_record(self, *contacts: int) -> int:
        number = next(self.numbers)
        self.records[number] = list(contacts)
        return number

    def batch(self, commands: Iterable[Command], halt: bool = False) -> BatchAnswer:
        wanted = list(commands)
        self.before_request()
        lost = self.lose()
        if lost == "request":
            raise NoAnswer("ReadTimeout")
        results: dict[Command, Any] = {}
        errors: dict[Command, PortalError] = {}
        for command in wanted:
            if halt and errors:
                errors[command] = PortalError("NOT_CARRIED_OUT")
                continue
            try:
                results[command] = command.read(self.answer(command))
            except PortalError as error:
                errors[command] = error
        if lost == "answer":
            raise NoAnswer("ReadTimeout")
        return BatchAnswer(results, errors)

    read = batch

    def chain(self, commands: Sequence[Command]) -> BatchAnswer:
        return self.batch(commands, halt=True)

    def call(self, command: Command) -> Any:
        return self.batch([command])[command]

    def answer(self, command: Command) -> Any:
        name = command.method.removeprefix("booking.v1.").replace(".", "_")
        return getattr(self, f"_{name}")(command.params)

    def _crm_item_list(self, _params: Mapping[str, Any]) -> Any:
        return {"items": []}

    def _waitlist_get(self, params: Mapping[str, Any]) -> Any:
        self._record(params["id"])
        return {"waitList": {"id": params["id"], "note": ""}}

    def _waitlist_client_list(self, params: Mapping[str, Any]) -> Any:
        return {"waitListClient": _clients(self._record(params["waitListId"]))}

    def _waitlist_list(self, params: Mapping[str, Any]) -> Any:
        rows = [{"id": number} for number in sorted(self.records)]
        return {"waitList": rows[params.get("start", 0) :][:50]}

    def _record(self, number: int) -> list[int]:
        if number not in self.records:
            raise Refused("1040", "Wait list not found")
        return self.records[number]

    def _resource_get(self, params: Mapping[str, Any]) -> Any:
        return {"resource": {"id": params["id"], "name": f"Room {params['id']}"}}

    def _booking_get(self, params: Mapping[str, Any]) -> Any:
        return {"booking": self._booking(params["id"])}

    def _booking(self, number: int) -> dict[str, Any]:
        if number not in self.bookings:
            raise Refused("1021", "Booking not found")
        return self.bookings[number]

    def _booking_client_list(self, params: Mapping[str, Any]) -> Any:
        number = params["bookingId"]
        booking = self._booking(self._first if number == "$result[0]" else number)
        return {"bookingClient": _clients(booking["contacts"])}

    def _booking_list(self, params: Mapping[str, Any]) -> Any:
        within = params["filter"]["within"]
        wanted = set(params["filter"]["resourceId"])
        rows = [
            row
            for row in self.bookings.values()
            if wanted & set(row["resourceIds"])
            and row["datePeriod"]["from"]["timestamp"] < within["dateTo"]
            and row["datePeriod"]["to"]["timestamp"] > within["dateFrom"]
        ]
        return {"booking": rows[::-1]}

    def _booking_createfromwaitlist(self, params: Mapping[str, Any]) -> int:
        number = params["waitListId"]
        if number not in self.records:
            raise Refused("1038", "wait list item not found")
        self._first = next(self.numbers)
        self.bookings[self._first] = {
            "id": self._first,
            **params["fields"],
            "contacts": self.records.pop(number),
        }
        return self._first

    def _waitlist_createfrombooking(self, params: Mapping[str, Any]) -> int:
        number = params["bookingId"]
        if number not in self.bookings:
            raise Refused("1037", "booking not found")
        return self.add_record(*self.bookings.pop(number)["contacts"])


def _clients(contacts: Iterable[int]) -> list[dict[str, Any]]:
    return [{"id": one, "type": CONTACT} for one in contacts]
