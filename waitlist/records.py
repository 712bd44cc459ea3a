"""Reads the waiting list: every record, who waits on it, and how long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from bitrix24.batch import Command, php_map
from bitrix24.client import PortalClient
from bitrix24.errors import PortalError
from bitrix24.lists import ListCommand, Listing, read_lists
from waitlist.customers import CustomerReader
from waitlist.errors import RecordGone, raise_known
from waitlist.models import Age, Board, CustomerRef, Kind, Record, clean_note

DATE_FORMAT = "%d.%m.%Y"
FIRST_PAGES = 5
"""250 records in the first batch: most waiting lists need no second one."""


def read_board(client: PortalClient, reader: CustomerReader, today: date) -> Board:
    """The whole waiting list with the customers' names. Raises PortalError or WaitlistError."""
    try:
        listings = read_lists(client, _wanted(today))
    except PortalError as error:
        raise_known(error)
        raise
    everything = listings["all"]
    ages = _ages(listings)
    customers = _customers_of(client, everything.rows)
    records = tuple(
        Record(
            id=record_id,
            note=clean_note(row.get("note")),
            customers=customers[record_id],
            age=ages.get(record_id, Age.UNKNOWN),
        )
        for record_id, row in everything.rows.items()
        if record_id in customers
    )
    names = reader.read(ref for record in records for ref in record.customers)
    return Board(records, names, everything.complete)


def read_record(client: PortalClient, record_id: int) -> Record:
    """One record as it is right now. Raises RecordGone."""
    answer = client.batch(record_commands(record_id))
    return record_in(answer, record_id)


def record_commands(record_id: int) -> dict[str, Command]:
    """The two calls that read one record; `record_in` reads their answers."""
    return {
        "record": Command("booking.v1.waitlist.get", {"id": record_id}),
        "clients": Command("booking.v1.waitlist.client.list", {"waitListId": record_id}),
    }


def record_in(answer: Any, record_id: int) -> Record:
    """The record from the answers to `record_commands`. Raises RecordGone or PortalError."""
    for key in ("record", "clients"):
        if error := answer.errors.get(key):
            raise_known(error)
            raise error
    row = php_map(php_map(answer.result("record")).get("waitList"))
    note = clean_note(row.get("note"))
    return Record(record_id, note, client_refs(answer.result("clients")))


def client_refs(result: Any) -> tuple[CustomerRef, ...]:
    """The customers in a `client.list` result, in the portal's order, each once.

    Rows of another module or kind cannot be shown, but dropping them would delete them with the
    next save, so they are an error.
    """
    rows = php_map(result).get("waitListClient") or []
    try:
        refs = [CustomerRef(Kind(str(row["type"]["code"]).upper()), int(row["id"])) for row in rows]
    except (KeyError, TypeError, ValueError):
        raise PortalError("UNKNOWN_CLIENT") from None
    return tuple(dict.fromkeys(refs))


def _wanted(today: date) -> Mapping[str, ListCommand]:
    """All records, and three windows of days: the only way a waiting list tells its age. `to` is
    exclusive. Source: Factory/Filter/CreatedWithin.php of the portal's booking module."""
    method, key = "booking.v1.waitlist.list", "waitList"
    tomorrow = today + timedelta(days=1)
    windows = {
        Age.TODAY: (today, tomorrow),
        Age.WEEK: (today - timedelta(days=6), today),
        Age.MONTH: (today - timedelta(days=29), today - timedelta(days=6)),
    }
    wanted = {"all": ListCommand(method, key, pages=FIRST_PAGES)}
    for age, (start, end) in windows.items():
        span = {"from": start.strftime(DATE_FORMAT), "to": end.strftime(DATE_FORMAT)}
        params = {"filter": {"createdWithin": span}}
        wanted[age] = ListCommand(method, key, params, pages=2, optional=True)
    return wanted


def _ages(listings: Mapping[str, Listing]) -> dict[int, Age]:
    windows = (Age.TODAY, Age.WEEK, Age.MONTH)
    if not all(listings[window].complete for window in windows):
        return {}
    ages = dict.fromkeys(listings["all"].rows, Age.OLDER)
    for window in windows:
        ages.update(dict.fromkeys(listings[window].rows, window))
    return ages


def _customers_of(
    client: PortalClient, record_ids: Iterable[int]
) -> dict[int, tuple[CustomerRef, ...]]:
    """The customers of each record; a record that vanished meanwhile is left out."""
    commands = {
        f"clients_{record_id}": Command(
            "booking.v1.waitlist.client.list", {"waitListId": record_id}
        )
        for record_id in record_ids
    }
    answer = client.batch(commands)
    customers = {}
    for record_id in record_ids:
        key = f"clients_{record_id}"
        if error := answer.errors.get(key):
            try:
                raise_known(error)
            except RecordGone:
                continue
            raise error
        customers[record_id] = client_refs(answer.results[key])
    return customers
