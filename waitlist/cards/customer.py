"""The records on which one customer waits: for the tab in the customer's card.

No booking method tells it. The CRM's mirror names records of a customer, but may be late, stale or
closed to the user; what the app saw last names some more. Each of them is read before it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bitrix24.batch import BatchAnswer, Command, php_map
from waitlist.context import UserContext
from waitlist.customers.reader import ENTITY_TYPES, commands_for
from waitlist.errors import CustomerNotShown
from waitlist.models import CustomerRef, CustomerRefs, CustomersByRef, Kind, Record, customer_ref
from waitlist.records.read import record_commands, records_in
from waitlist.sources.ages import aged
from waitlist.sources.crm_mirror import MirrorRecord, activity_list, made_at, mirrored_in

PAGE_SIZE = 50
READ_AT_ONCE = 20
"""Records that are read in the first request, beside the questions which records there are."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Where a customer waits, as one user may see it.

    `records` come newest first and are as the portal has them now. `contacts` are the people of a
    company. `complete` is False where there may be more records than these.
    """

    customer: CustomerRef
    records: tuple[Record, ...] = ()
    contacts: CustomerRefs = ()
    names: CustomersByRef = field(default_factory=dict)
    complete: bool = True


def read_waiting(context: UserContext, customer: CustomerRef) -> Waiting:
    """Read the records of a customer.

    Costs two HTTP requests where the CRM mirror is up to date or the app knows the records already.
    Raises CustomerNotShown, another WaitlistError or PortalError.
    """
    client, reader, today = context.client, context.customers, context.today
    remembered = context.tracker.last_seen(customer)
    at_once = remembered[:READ_AT_ONCE]
    mirror_of = mirrored(ENTITY_TYPES[customer.kind], customer.id)
    commands = {"mirror": mirror_of} | commands_for([customer])
    if customer.kind is Kind.COMPANY:
        commands["contacts"] = Command("crm.company.contact.items.get", {"id": customer.id})
    first = client.batch(commands | record_commands(*at_once))
    found = reader.take([customer], first)[customer]
    if not found.visible:
        raise CustomerNotShown
    mirror = mirrored_in(first)
    contacts = _contacts_in(first)
    records = records_in(first, at_once)
    others = [number for number in {**mirror, **dict.fromkeys(remembered)} if number not in at_once]
    known = {ref for record in records.values() for ref in record.customers}
    expected = {ref for number in others for ref in _customers_of(mirror.get(number))}
    wanted = {*known, *expected, *contacts} - {customer}
    second = client.batch(record_commands(*others) | commands_for(wanted))
    names = reader.take(wanted, second) | {customer: found}
    records |= records_in(second, others)
    context.tracker.looked_at(records.values(), {*remembered, *mirror} - records.keys())
    here = [aged(record, made_at(mirror, record.id), today) for record in records.values()]
    here = [record for record in here if customer in record.customers]
    late = {ref for record in here for ref in record.customers} - names.keys()
    return Waiting(
        customer=customer,
        records=tuple(sorted(here, key=lambda record: record.id, reverse=True)),
        contacts=tuple(ref for ref in contacts if names[ref].visible),
        names=names | (reader.read(late) if late else {}),
        complete="mirror" in first.results and len(mirror) < PAGE_SIZE,
    )


def mirrored(owner_type: int, owner_id: int) -> Command:
    """Asks the mirror for the newest records of a customer or a deal."""
    wanted = activity_list({"BINDINGS": [{"OWNER_TYPE_ID": owner_type, "OWNER_ID": owner_id}]})
    return Command(wanted.method, {**wanted.params, "order": {"ID": "DESC"}})


def _customers_of(record: MirrorRecord | None) -> CustomerRefs:
    return (record and record.customers) or ()


def _contacts_in(answer: BatchAnswer) -> CustomerRefs:
    rows: Iterable[Any] = php_map(answer.results.get("contacts")).values()
    refs = (customer_ref(Kind.CONTACT, php_map(row).get("CONTACT_ID")) for row in rows)
    return tuple(ref for ref in refs if ref)
