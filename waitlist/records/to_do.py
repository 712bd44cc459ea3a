"""Makes a to-do in CRM of a call back, once, with the record's main customer.

Source: the page on crm.activity.todo.add in the REST docs.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from bitrix24.answers import Rows
from bitrix24.batch import Command
from bitrix24.errors import NoAnswer, NotSent, PortalError, Refused
from bitrix24.ids import Id, LenientId
from waitlist.context import UserContext
from waitlist.customers.reader import ENTITY_TYPES
from waitlist.errors import CustomerNotShown, OutcomeUnknown, WaitlistError
from waitlist.idempotency import Attempt
from waitlist.models import CustomerRef, main_customer
from waitlist.pending_writes import FIRST_CHECK
from waitlist.records.read import read_record

NOT_FOUND = {"NOT_FOUND", "OWNER_NOT_FOUND"}


class NoCustomer(WaitlistError):
    """The record has no customer in CRM to make a to-do with."""


class Added(Struct, frozen=True):
    """What CRM answers when it has added a to-do."""

    id: Id


class Listed(Struct, frozen=True, rename="upper"):
    """A to-do, as `crm.activity.list` has it."""

    id: LenientId = 0
    subject: str = ""
    deadline: str = ""


@dataclass(frozen=True, slots=True)
class ToDo:
    """What is to be done until `due`, in seconds since 1970, in two texts for people."""

    record_id: int
    due: int
    title: str
    text: str


def make_to_do(context: UserContext, to_do: ToDo) -> None:
    """Make a to-do for this user, unless it has been made already. Two HTTP requests.

    The same user, record, time and customer are the same to-do. If the answer to an earlier request
    got lost, CRM is searched instead, and asked again only once that request can take no effect.
    Raises NoCustomer, CustomerNotShown, OutcomeUnknown, or another WaitlistError or PortalError:
    nothing was made then.
    """
    customer = main_customer(read_record(context.client, to_do.record_id).customers)
    if customer is None:
        raise NoCustomer
    with context.attempts.begin(_attempt_key(to_do.record_id, to_do.due), customer.key) as attempt:
        if attempt.made:
            return
        if attempt.uncertain and (found := _find(context, customer, to_do)):
            attempt.mark_made(str(found))
        elif attempt.may_arrive:
            raise OutcomeUnknown(attempt.seconds_to_next_check)
        else:
            _add(context, attempt, customer, to_do)


def was_made(context: UserContext, record_id: int, due: int) -> bool:
    """Return whether this user has made a to-do of a call back lately. No HTTP request."""
    return context.attempts.is_known(_attempt_key(record_id, due))


def _attempt_key(record_id: int, due: int) -> str:
    return f"to-do {record_id} {due}"


def _add(context: UserContext, attempt: Attempt, customer: CustomerRef, to_do: ToDo) -> None:
    fields = _owner(customer, "ownerTypeId", "ownerId") | {
        "deadline": datetime.fromtimestamp(to_do.due, context.calls.zone()).isoformat(),
        "title": to_do.title,
        "description": to_do.text,
        "responsibleId": context.user_id,
    }
    attempt.mark_sent()
    try:
        made = context.client.call(Command("crm.activity.todo.add", fields, Added)).id
    except NotSent:
        raise
    except NoAnswer:
        made = _find(context, customer, to_do)
        if not made:
            raise OutcomeUnknown(FIRST_CHECK) from None
    except Refused as refusal:
        if refusal.code in NOT_FOUND:
            raise CustomerNotShown from refusal
        raise
    attempt.mark_made(str(made))


def _find(context: UserContext, customer: CustomerRef, to_do: ToDo) -> int:
    """Return the ID of the to-do as an unanswered request would have made it, or 0.

    One HTTP request. Raises OutcomeUnknown if CRM does not tell.
    """
    conditions = _owner(customer, "OWNER_TYPE_ID", "OWNER_ID") | {
        "PROVIDER_ID": "CRM_TODO",
        "RESPONSIBLE_ID": context.user_id,
    }
    params = {
        "order": {"ID": "DESC"},
        "filter": conditions,
        "select": ["ID", "SUBJECT", "DEADLINE"],
    }
    try:
        rows = context.client.call(Command("crm.activity.list", params, Rows[Listed]))
    except PortalError:
        raise OutcomeUnknown(FIRST_CHECK) from None
    for row in rows:
        if row.subject == to_do.title and _moment(row) == to_do.due:
            return row.id
    if rows.unreadable:
        raise OutcomeUnknown(FIRST_CHECK)  # One of those may be it.
    return 0


def _moment(row: Listed) -> float:
    try:
        moment = datetime.fromisoformat(row.deadline)
    except ValueError:
        return 0
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def _owner(customer: CustomerRef, kind: str, number: str) -> dict[str, Any]:
    return {kind: ENTITY_TYPES[customer.kind], number: customer.id}
