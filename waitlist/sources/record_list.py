"""The waiting list's own rows: each record's ID and note."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from bitrix24.batch import Command
from bitrix24.ids import Id
from bitrix24.lists import ListCommand

FIRST_PAGES = 5
"""250 records in the first batch: most waiting lists need no second one."""


class RecordRow(Struct, frozen=True):
    """A record in an answer of `booking.v1.waitlist.*`."""

    id: Id
    note: str = ""


def record_list(
    params: Mapping[str, Any] | None = None, *, pages: int = FIRST_PAGES, optional: bool = False
) -> ListCommand[RecordRow]:
    """Return the list of all records, or of those that `params` select."""
    return ListCommand(
        "booking.v1.waitlist.list",
        "waitList",
        params or {},
        pages=pages,
        optional=optional,
        row=RecordRow,
    )


def record_row(record_id: int) -> Command[RecordRow]:
    return Command("booking.v1.waitlist.get", {"id": record_id}, RecordRow, key="waitList")
