"""Reads single records as they are right now. One with `foreign` clients can only be listed."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date

from msgspec import Struct

from bitrix24.answers import Rows
from bitrix24.batch import BatchAnswer, Command
from bitrix24.client import PortalClient
from bitrix24.errors import NoAnswer, PortalError, Refused
from bitrix24.ids import LenientId
from waitlist.context import UserContext
from waitlist.errors import ForeignCustomers, RecordGone, known_errors
from waitlist.models import (
    MOST_CUSTOMERS,
    CustomerRefs,
    LinkedDeal,
    Record,
    clean_note,
    customer_ref,
)
from waitlist.records.edit import unique
from waitlist.sources.ages import with_age
from waitlist.sources.crm_mirror import activity_of_record, created_at, mirrored_in
from waitlist.sources.deals import deal_commands, deals_in
from waitlist.sources.record_list import record_row


class ClientType(Struct, frozen=True):
    """What a client of a record is: the code is CONTACT, COMPANY or another one."""

    code: str = ""


class ClientRow(Struct, frozen=True):
    """A client of a record, as the portal's booking module has it."""

    id: LenientId = 0
    type: ClientType = ClientType()


@dataclass(frozen=True, slots=True)
class Listed:
    """The customers of records, by record ID. The `foreign` records have other clients, too.

    The portal gave no proper answer about those `unread`. Records that are gone are in neither.
    """

    customers: dict[int, CustomerRefs] = field(default_factory=dict)
    foreign: frozenset[int] = frozenset()
    unread: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """Records by ID. The portal gave no proper answer about those `unread`."""

    records: dict[int, Record] = field(default_factory=dict)
    unread: frozenset[int] = frozenset()

    def gone(self, asked: Iterable[int]) -> set[int]:
        """Return which of the records that were asked for do not exist any more."""
        return set(asked) - self.records.keys() - self.unread


def read_record(client: PortalClient, record_id: int) -> Record:
    """Read one record; one HTTP request. Raises RecordGone, ForeignCustomers or PortalError."""
    return record_in(client.batch(record_commands(record_id)), record_id)


def open_record(context: UserContext, record_id: int) -> Record:
    """Read a record, and its waiting time if the mirror tells it. One HTTP request.

    Afterwards `context.customers` knows whether CRM is closed to this user, and `context.resources`
    the names that may be in the note. Raises RecordGone, ForeignCustomers or PortalError.
    """
    access, resources = context.customers.access_commands(), context.resources.commands()
    answer = context.client.batch([*detailed_record_commands(record_id), *access, *resources])
    context.customers.note_access(answer)
    context.resources.take(resources, answer)
    return detailed_record_in(answer, record_id, context.today)


def read_deals(context: UserContext, record_id: int) -> tuple[LinkedDeal, ...]:
    """Read the deals that a record is linked to, none if the portal does not answer."""
    try:
        return deals_in(context.client.batch(deal_commands(record_id)), record_id)
    except PortalError:
        return ()


def detailed_record_commands(record_id: int) -> list[Command]:
    """Return the calls that read a record, its waiting time and its deals.

    They have to be the first ones of a batch. `detailed_record_in` reads their answers.
    """
    calls = record_commands(record_id)
    return [*deal_commands(record_id), *calls, activity_of_record(record_id)]


def detailed_record_in(answer: BatchAnswer, record_id: int, today: date) -> Record:
    """Read the answers to `detailed_record_commands`. Raises as `record_in` does."""
    record = replace(record_in(answer, record_id), deals=deals_in(answer, record_id))
    return with_mirrored_age(record, answer, today)


def with_mirrored_age(record: Record, answer: BatchAnswer, today: date) -> Record:
    """Return the record with its age, if an answer to `activity_of_record` tells it."""
    mirror = mirrored_in(answer, activity_of_record(record.id))
    return with_age(record, created_at(mirror, record.id), today)


def record_commands(*record_ids: int) -> list[Command]:
    """Return two calls for each record. `record_in` and `records_in` read their answers."""
    return [call for one in record_ids for call in (record_row(one), client_list(one))]


def client_list(record_id: int) -> Command[Rows[ClientRow]]:
    """Return the call for a record's customers. `customers_in` or `customers_of` reads it."""
    params = {"waitListId": record_id}
    return Command("booking.v1.waitlist.client.list", params, Rows[ClientRow], key="waitListClient")


def record_in(answer: BatchAnswer, record_id: int) -> Record:
    """Read the answers to `record_commands`. Raises RecordGone, ForeignCustomers or PortalError."""
    record = _record_in(answer, record_id)
    if record.foreign:
        raise ForeignCustomers
    return record


def records_in(answer: BatchAnswer, record_ids: Iterable[int]) -> Found:
    """Return the records that still exist in an answer. Raises WaitlistError or PortalError."""
    records, unread = dict[int, Record](), Unread()
    for record_id in record_ids:
        with suppress(RecordGone), unread.noting(record_id):
            records[record_id] = _record_in(answer, record_id)
    return Found(records, unread.ids(records))


def customers_in(answer: BatchAnswer, record_id: int) -> CustomerRefs:
    """Read the answer to `client_list`. Raises RecordGone, ForeignCustomers or PortalError."""
    customers, foreign = _clients_in(answer, record_id)
    if foreign:
        raise ForeignCustomers
    return customers


def customers_of(answer: BatchAnswer, record_ids: Iterable[int]) -> Listed:
    """Return the customers of records that still exist. Raises WaitlistError or PortalError."""
    customers, others, unread = dict[int, CustomerRefs](), set[int](), Unread()
    for record_id in record_ids:
        with suppress(RecordGone), unread.noting(record_id):
            customers[record_id], foreign = _clients_in(answer, record_id)
            if foreign:
                others.add(record_id)
    return Listed(customers, frozenset(others), unread.ids(customers))


class Unread:
    """Collects the records whose answers in a batch cannot be read."""

    def __init__(self) -> None:
        self._errors: dict[int, PortalError] = {}

    @contextmanager
    def noting(self, record_id: int) -> Iterator[None]:
        """Note the record if what it was asked for inside cannot be read."""
        try:
            yield
        except (NoAnswer, Refused) as error:
            self._errors[record_id] = error

    def ids(self, others: Collection[object]) -> frozenset[int]:
        """Return the noted records. Raises the error if it is not that of a single one."""
        if len(self._errors) > 1 and not others:
            raise next(iter(self._errors.values()))
        return frozenset(self._errors)


def _record_in(answer: BatchAnswer, record_id: int) -> Record:
    with known_errors():
        row = answer[record_row(record_id)]
    customers, foreign = _clients_in(answer, record_id)
    return Record(record_id, clean_note(row.note), customers, foreign=foreign)


def _clients_in(answer: BatchAnswer, record_id: int) -> tuple[CustomerRefs, bool]:
    """Return the customers in order, and whether others or too many are there."""
    with known_errors():
        rows = answer[client_list(record_id)]
    refs = [customer_ref(row.type.code, row.id) for row in rows]
    customers = unique(tuple(ref for ref in refs if ref))
    whole = all(refs) and not rows.unreadable and len(customers) <= MOST_CUSTOMERS
    return customers[:MOST_CUSTOMERS], not whole
