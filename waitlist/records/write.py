"""Writes the customers of a record and reads them back, in one HTTP request; and its note."""

from __future__ import annotations

from contextlib import suppress

from bitrix24.batch import BatchAnswer, Command
from bitrix24.client import PortalClient
from bitrix24.errors import NoAnswer, PortalError
from waitlist.customers.reader import CustomerReader, commands_for
from waitlist.errors import (
    OutcomeUnknown,
    RecordGone,
    SaveFailed,
    WaitlistError,
    raise_known,
)
from waitlist.models import CustomerRefs
from waitlist.records.read import clients_in, list_commands, read_record

SET = "booking.v1.waitlist.client.set"
UNSET = "booking.v1.waitlist.client.unset"
UPDATE_FAILED = "1035"
MOST_IN_BATCH = 300
"""PHP reads at most 1,000 variables of a query string; a customer takes three."""


class Companion:
    """Something else of a record that is read and written in the HTTP requests which save its
    customers. This one is nothing."""

    def questions(self, _record_id: int) -> dict[str, Command]:
        """What is asked before anything is written; 0 is a record that is yet to be made."""
        return {}

    def answered(self, answer: BatchAnswer) -> None:
        """Takes the answers to `questions`. What it raises ends the save; nothing was changed."""

    def orders(self, _record_id: int) -> dict[str, Command]:
        """What is written after the customers, and only if the portal has taken those."""
        return {}

    def carried_out(self, answer: BatchAnswer) -> None:
        """Takes the answers to `orders`. Is not called where no answer came."""


def write_customers(
    client: PortalClient,
    reader: CustomerReader,
    companion: Companion,
    record_id: int,
    target: CustomerRefs,
) -> tuple[bool, CustomerRefs]:
    """Writes the list and reads it back: whether the portal took it, and what it holds now. The
    names of those whom nobody has looked up are read along, as somebody will want to show them.
    Raises WaitlistError or PortalError: nothing was written, unless it is OutcomeUnknown, or
    NoAnswer, after which nobody has looked yet."""
    params = {
        "waitListId": record_id,
        "clients": [{"id": ref.id, "type": {"module": "crm", "code": ref.kind}} for ref in target],
    }
    # A query string cannot say "an empty list", so clearing has a method of its own.
    write = Command(SET, params) if target else Command(UNSET, {"waitListId": record_id})
    commands = {"write": write}
    if len(target) > MOST_IN_BATCH:
        refusal = None
        try:
            client.call(SET, params)
        except PortalError as error:
            refusal = error
        return _taken(refusal), look(client, record_id)
    orders, unknown = companion.orders(record_id), reader.unknown(target)
    commands |= orders | list_commands([record_id]) | commands_for(unknown)
    answer = client.chain(commands) if orders else client.batch(commands)
    taken = _taken(answer.errors.get("write"))
    companion.carried_out(answer)
    # A name that is missing is asked for again by whoever needs it.
    with suppress(PortalError):
        reader.take(unknown, answer)
    # What was written stays written, whyever it could not be read back along with it.
    with suppress(PortalError, WaitlistError):
        return taken, clients_in(answer, record_id)
    return taken, look(client, record_id)


def write_note(client: PortalClient, record_id: int, note: str) -> None:
    """Writes the note alone. Raises WaitlistError or PortalError."""
    # Not in a batch: a portal would replace `$result[…]` in a note by something else.
    params = {"id": record_id, "fields": {"note": note}}
    try:
        client.call("booking.v1.waitlist.update", params)
    except NoAnswer as error:
        raise OutcomeUnknown from error
    except PortalError as error:
        raise_known(error)
        if error.code == UPDATE_FAILED:
            raise SaveFailed from error
        raise


def _taken(refusal: PortalError | None) -> bool:
    """Whether a portal took the list. What may have failed in the middle is left to whoever looks
    at the record; every other refusal is raised."""
    if refusal is None:
        return True
    raise_known(refusal)
    if refusal.code != UPDATE_FAILED:
        raise refusal
    return False


def look(client: PortalClient, record_id: int) -> CustomerRefs:
    """Whom a record holds after a write of which not everything is known. Raises OutcomeUnknown
    or RecordGone."""
    try:
        return read_record(client, record_id).customers
    except RecordGone:
        raise
    except (PortalError, WaitlistError) as error:
        raise OutcomeUnknown from error
