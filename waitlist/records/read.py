"""Reads single records of the waiting list as they are right now.

A client may be of a type that the app does not know. Such a record can be listed, as `foreign`, but
not opened: saving it would take that client off.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bitrix24.batch import BatchAnswer, Command, php_map
from bitrix24.client import PortalClient
from bitrix24.errors import PortalError
from waitlist.context import UserContext
from waitlist.errors import ForeignCustomers, RecordGone, raise_known
from waitlist.models import CustomerRefs, Record, clean_note, customer_ref
from waitlist.sources.ages import aged
from waitlist.sources.crm_mirror import activity_list, made_at, mirrored_in


@dataclass(frozen=True, slots=True)
class Listed:
    """Who waits on records, by their ids. On the `foreign` ones somebody else waits too."""

    customers: dict[int, CustomerRefs] = field(default_factory=dict)
    foreign: frozenset[int] = frozenset()


def read_record(client: PortalClient, record_id: int) -> Record:
    """One record as it is right now. Raises RecordGone or ForeignCustomers."""
    answer = client.batch(record_commands(record_id))
    return record_in(answer, record_id)


def open_record(context: UserContext, record_id: int) -> Record:
    """Read one record, and how long it has waited if the CRM mirror tells; one HTTP request.

    Afterwards `context.customers` knows whether CRM is closed to this user.
    Raises RecordGone, ForeignCustomers or PortalError.
    """
    mirrored = activity_list({"=ASSOCIATED_ENTITY_ID": record_id})
    commands = {"mirror": Command(mirrored.method, mirrored.params)}
    questions = context.customers.questions()
    answer = context.client.batch(record_commands(record_id) | commands | questions)
    context.customers.hear(answer)
    created = made_at(mirrored_in(answer), record_id)
    return aged(record_in(answer, record_id), created, context.today)


def record_commands(*record_ids: int) -> dict[str, Command]:
    """The two calls for each record that read it; `record_in` and `records_in` read their
    answers."""
    commands = {}
    for number in record_ids:
        commands[f"record_{number}"] = Command("booking.v1.waitlist.get", {"id": number})
        commands |= list_commands([number])
    return commands


def record_in(answer: BatchAnswer, record_id: int) -> Record:
    """The record from the answers to `record_commands`. Raises RecordGone, ForeignCustomers or
    PortalError."""
    record = _record_in(answer, record_id)
    if record.foreign:
        raise ForeignCustomers
    return record


def records_in(answer: BatchAnswer, record_ids: Iterable[int]) -> dict[int, Record]:
    """The records that still exist, from the answers to `record_commands`. Raises WaitlistError or
    PortalError."""
    records = {}
    for number in record_ids:
        with suppress(RecordGone):
            records[number] = _record_in(answer, number)
    return records


def list_commands(record_ids: Iterable[int]) -> dict[str, Command]:
    """A call for each record that tells who waits on it; `customers_of` reads their answers."""
    return {
        f"clients_{number}": Command("booking.v1.waitlist.client.list", {"waitListId": number})
        for number in record_ids
    }


def customers_of(answer: BatchAnswer, record_ids: Iterable[int]) -> Listed:
    """The customers of each record; one that is gone is left out. Raises WaitlistError or
    PortalError where the portal could not tell of one."""
    customers, others = dict[int, CustomerRefs](), set[int]()
    for number in record_ids:
        with suppress(RecordGone):
            customers[number], foreign = _clients_in(answer, number)
            if foreign:
                others.add(number)
    return Listed(customers, frozenset(others))


def clients_in(answer: BatchAnswer, record_id: int) -> CustomerRefs:
    """The customers of one record from the answer to `list_commands`. Raises RecordGone,
    ForeignCustomers or PortalError."""
    customers, foreign = _clients_in(answer, record_id)
    if foreign:
        raise ForeignCustomers
    return customers


def _record_in(answer: BatchAnswer, number: int) -> Record:
    row = php_map(php_map(_result(answer, f"record_{number}")).get("waitList"))
    customers, foreign = _clients_in(answer, number)
    return Record(number, clean_note(row.get("note")), customers, foreign=foreign)


def _clients_in(answer: BatchAnswer, number: int) -> tuple[CustomerRefs, bool]:
    """The customers on a record, in the portal's order, each once, and whether somebody else is
    there."""
    clients = php_map(_result(answer, f"clients_{number}")).get("waitListClient")
    rows = map(php_map, php_map(clients).values())
    refs = [customer_ref(php_map(row.get("type")).get("code"), row.get("id")) for row in rows]
    return tuple(dict.fromkeys(ref for ref in refs if ref)), not all(refs)


def _result(answer: BatchAnswer, key: str) -> Any:
    try:
        return answer.result(key)
    except PortalError as error:
        raise_known(error)
        raise
