"""Writes the customers of a record and reads them back, in one HTTP request."""

from __future__ import annotations

from contextlib import suppress

from bitrix24.batch import NOT_CARRIED_OUT, BatchAnswer, Command
from bitrix24.client import PortalClient
from bitrix24.errors import PortalError
from waitlist.customers import CustomerReader, commands_for
from waitlist.errors import OutcomeUnknown, raise_known
from waitlist.merge import Customers
from waitlist.records import client_refs, read_record, record_commands

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
    target: Customers,
) -> tuple[bool, Customers]:
    """Writes the list and reads it back: whether the portal took it, and what it holds now. The
    names of those whom nobody has looked up are read along, as somebody will want to show them.
    Raises WaitlistError or PortalError."""
    params = {
        "waitListId": record_id,
        "clients": [{"id": ref.id, "type": {"module": "crm", "code": ref.kind}} for ref in target],
    }
    # A query string cannot say "an empty list", so clearing has a method of its own.
    write = Command(SET, params) if target else Command(UNSET, {"waitListId": record_id})
    commands = {"write": write}
    if len(target) > MOST_IN_BATCH:
        client.call(SET, params)
        commands = {}
    orders, unknown = companion.orders(record_id), reader.unknown(target)
    commands |= orders
    commands["clients"] = record_commands(record_id)["clients"]
    commands |= commands_for(unknown)
    answer = client.chain(commands) if orders else client.batch(commands)
    if error := answer.errors.get("write"):
        raise_known(error)
        if error.code != UPDATE_FAILED:
            raise error
    companion.carried_out(answer)
    # A name that is missing is asked for again by whoever needs it.
    with suppress(PortalError):
        reader.take(unknown, answer)
    unread = answer.errors.get("clients")
    if unread and unread.code == NOT_CARRIED_OUT:
        return error is None, look(client, record_id)
    return error is None, client_refs(answer.result("clients"))


def look(client: PortalClient, record_id: int) -> Customers:
    """Whom a record holds after a write of which not everything is known. Raises OutcomeUnknown
    or RecordGone."""
    try:
        return read_record(client, record_id).customers
    except PortalError as error:
        raise OutcomeUnknown from error
