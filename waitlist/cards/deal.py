"""The people of a deal and the waiting list: who they are, and where they wait."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bitrix24.batch import BatchAnswer, Command, php_map
from waitlist.cards.customer import mirrored
from waitlist.cards.deal_link import (
    ENTITY_TYPE,
    deal_command,
    deal_in,
    link_to,
    links_command,
    links_in,
)
from waitlist.context import UserContext
from waitlist.customers.reader import CustomerReader, commands_for
from waitlist.models import CustomerRef, CustomerRefs, CustomersByRef, Kind, Record, parse_id
from waitlist.records.edit import unique
from waitlist.records.read import record_commands, records_in
from waitlist.sources.ages import aged
from waitlist.sources.crm_mirror import made_at, mirrored_in


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal as one user may see it. `people` are its contacts, the main one first, and then its
    company; `records` are those linked to it, newest first."""

    id: int
    people: CustomerRefs
    records: tuple[Record, ...] = ()
    names: CustomersByRef = field(default_factory=dict)


def read_deal(context: UserContext, deal_id: int) -> Deal:
    """Read a deal and its records; two HTTP requests.

    Raises DealNotShown, PortalError or WaitlistError.
    """
    client, reader, today = context.client, context.customers, context.today
    first = client.batch(
        {
            "deal": deal_command(deal_id),
            "contacts": Command("crm.deal.contact.items.get", {"id": deal_id}),
            "mirror": mirrored(ENTITY_TYPE, deal_id),
        }
    )
    people = _people(deal_in(first), first)
    mirror = mirrored_in(first)
    expected = {ref for record in mirror.values() for ref in record.customers or ()}
    links = {f"links_{number}": links_command(number) for number in mirror}
    wanted = {*people, *expected}
    second = client.batch(record_commands(*mirror) | links | commands_for(wanted))
    names = reader.take(wanted, second)
    records = records_in(second, mirror)
    context.tracker.looked_at(records.values(), mirror.keys() - records.keys())
    linked = [
        aged(record, made_at(mirror, record.id), today)
        for record in records.values()
        if link_to(deal_id) in links_in(second.result(f"links_{record.id}"))
    ]
    late = {ref for record in linked for ref in record.customers} - names.keys()
    return Deal(
        deal_id,
        people,
        tuple(sorted(linked, key=lambda record: record.id, reverse=True)),
        names | (reader.read(late) if late else {}),
    )


def replacing(people: CustomerRefs, base: CustomerRefs, reader: CustomerReader) -> CustomerRefs:
    """The people instead of everybody on a record, but for those whom this user cannot see."""
    names = reader.read(base)
    return unique((*people, *(ref for ref in base if not names[ref].visible)))


def _people(item: Mapping[str, Any], answer: BatchAnswer) -> CustomerRefs:
    rows = [php_map(row) for row in php_map(answer.results.get("contacts")).values()]
    rows.sort(key=lambda row: (row.get("IS_PRIMARY") != "Y", parse_id(str(row.get("SORT")))))
    numbers = [parse_id(str(row.get("CONTACT_ID"))) for row in rows]
    if "contacts" in answer.errors:
        numbers = [parse_id(str(value)) for value in php_map(item.get("contactIds")).values()]
    refs = (
        *_refs(Kind.CONTACT, numbers),
        *_refs(Kind.COMPANY, [parse_id(str(item.get("companyId")))]),
    )
    return unique(refs)


def _refs(kind: Kind, numbers: Iterable[int]) -> CustomerRefs:
    return tuple(CustomerRef(kind, number) for number in numbers if number > 0)
