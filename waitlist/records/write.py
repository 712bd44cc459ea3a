"""Writes a record's customers and reads them back in one HTTP request. Writes its note."""

from contextlib import suppress
from typing import Protocol

from bitrix24.batch import BatchAnswer, Command, has_reference
from bitrix24.client import PortalClient
from bitrix24.errors import NoAnswer, PortalError
from waitlist.context import UserContext
from waitlist.customers.reader import customer_commands
from waitlist.errors import RecordGone, SaveFailed, WaitlistError, raise_known
from waitlist.models import CustomerRefs, Record, clean_note
from waitlist.records.read import client_list, customers_in, read_record
from waitlist.sources.record_list import record_row
from waitlist.unanswered import unknown_on_error

SET = "booking.v1.waitlist.client.set"
UNSET = "booking.v1.waitlist.client.unset"
UPDATE_FAILED = "1035"
MOST_IN_BATCH = 300
"""PHP reads at most 1,000 variables of a query string; a customer takes three."""


class SaveHook(Protocol):
    """Something else of a record that is read and written in the requests of a save."""

    def read_commands(self, record_id: int) -> list[Command]:
        """Return what to ask before anything is written; 0 is a record yet to be created."""
        ...

    def take_read(self, answer: BatchAnswer) -> None:
        """Take the answers to `read_commands`. An error ends the save; nothing was changed."""
        ...

    def write_commands(self, record_id: int) -> list[Command]:
        """Return what to write after the customers, only if the portal has taken those."""
        ...

    def take_written(self, answer: BatchAnswer) -> None:
        """Take the answers to `write_commands`. Not called where no answer came."""
        ...


def write_customers(
    context: UserContext, record_id: int, target: CustomerRefs, hook: SaveHook | None
) -> tuple[bool, CustomerRefs]:
    """Write the list. Return whether the portal took it, and what the record holds now.

    Reads the names of customers that are not in the cache in the same request, for the answer to
    the user. Raises WaitlistError or PortalError. Nothing was written then, unless it is
    OutcomeUnknown, or NoAnswer: after NoAnswer the record has to be read.
    """
    clients = [{"id": ref.id, "type": {"module": "crm", "code": ref.kind}} for ref in target]
    # A query string cannot say "an empty list", so clearing has a method of its own.
    params = {"waitListId": record_id} | ({"clients": clients} if clients else {})
    write = Command(SET if clients else UNSET, params)
    if len(target) > MOST_IN_BATCH:
        refusal = None
        try:
            context.client.call(write)
        except PortalError as error:
            refusal = error
        return _is_taken(refusal), read_written(context.client, record_id).customers
    extra = hook.write_commands(record_id) if hook else []
    uncached = context.customers.uncached(target)
    commands = [write, *extra, client_list(record_id), *customer_commands(uncached)]
    answer = context.client.chain(commands) if extra else context.client.batch(commands)
    taken = _is_taken(answer.errors.get(write))
    if hook:
        hook.take_written(answer)
    # A name that could not be read is asked for again where it is needed.
    with suppress(PortalError):
        context.customers.take(uncached, answer)
    try:
        return taken, customers_in(answer, record_id)
    except (PortalError, WaitlistError):
        # The list stays written even if it could not be read back with it.
        return taken, read_written(context.client, record_id).customers


def write_note(client: PortalClient, record_id: int, note: str) -> str:
    """Write the note alone, and return what the portal holds. One HTTP request.

    Two requests where the note contains a reference of batches. Raises WaitlistError or
    PortalError.
    """
    update = Command("booking.v1.waitlist.update", {"id": record_id, "fields": {"note": note}})
    row = record_row(record_id)
    answer = _call_alone(client, update) if has_reference(note) else client.chain([update, row])
    refusal = answer.errors.get(update)
    if refusal is not None:
        raise_known(refusal)
        if refusal.code == UPDATE_FAILED:
            raise SaveFailed from refusal
        raise refusal
    stored = answer.get(row)
    return clean_note(stored.note) if stored else read_written(client, record_id).note


def _call_alone(client: PortalClient, command: Command) -> BatchAnswer:
    """Call a command outside of a batch, and answer like one."""
    try:
        return BatchAnswer({command: client.call(command)}, {})
    except NoAnswer:
        raise
    except PortalError as error:
        return BatchAnswer({}, {command: error})


def read_written(client: PortalClient, record_id: int) -> Record:
    """Read a record after an unclear write. Raises OutcomeUnknown or RecordGone."""
    with unknown_on_error(RecordGone):
        return read_record(client, record_id)


def _is_taken(refusal: PortalError | None) -> bool:
    """Return False for UPDATE_FAILED: the record decides then. Raises all other refusals."""
    if refusal is None:
        return True
    raise_known(refusal)
    if refusal.code != UPDATE_FAILED:
        raise refusal
    return False
