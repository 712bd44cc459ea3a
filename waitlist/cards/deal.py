"""A deal's customers and linked records, for the tab in the deal's card."""

from dataclasses import dataclass, field

from bitrix24.answers import Rows
from bitrix24.batch import Command
from bitrix24.ids import DEAL
from waitlist.cards.deal_link import deal_command, deal_in
from waitlist.context import UserContext
from waitlist.customers.contact_persons import ContactRow, contact_refs
from waitlist.customers.reader import CustomerReader, customer_commands
from waitlist.models import MOST_CUSTOMERS, CustomerRef, CustomerRefs, CustomersByRef, Kind, Record
from waitlist.records.edit import unique
from waitlist.records.read import Unread, record_commands, records_in
from waitlist.sources.ages import with_age
from waitlist.sources.crm_mirror import activities_of, created_at, mirrored_in
from waitlist.sources.links import link_list, link_to


@dataclass(frozen=True, slots=True)
class DealCard:
    """A deal as one user may see it.

    `people` are its contacts, the main one first, and then its company. `records` are those linked
    to the deal, newest first. `unread` is how many more there may be that could not be read.
    """

    id: int
    people: CustomerRefs
    records: tuple[Record, ...] = ()
    customers: CustomersByRef = field(default_factory=dict)
    unread: int = 0


def read_deal(context: UserContext, deal_id: int) -> DealCard:
    """Read a deal in two HTTP requests. Raises DealNotShown, PortalError or WaitlistError."""
    client, reader = context.client, context.customers
    contacts = Command("crm.deal.contact.items.get", {"id": deal_id}, Rows[ContactRow])
    activities = activities_of(DEAL, deal_id)
    first = client.batch([deal_command(deal_id), contacts, activities])
    deal = deal_in(first, deal_id)
    rows = first.get(contacts)
    people = contact_refs(rows or ())
    if rows is None or rows.unreadable:
        people = unique((*people, *_refs(Kind.CONTACT, *deal.contact_ids)))
    company = _refs(Kind.COMPANY, deal.company_id)
    people = unique((*people, *company))[:MOST_CUSTOMERS]
    mirror = mirrored_in(first, activities)
    expected = {ref for record in mirror.values() for ref in record.customers or ()}
    wanted = {*people, *expected}
    links = {number: link_list(number) for number in mirror}
    second = client.batch([*record_commands(*mirror), *links.values(), *customer_commands(wanted)])
    customers = reader.take(wanted, second)
    found, linked, unread = records_in(second, mirror), list[Record](), Unread()
    context.tracker.note_read(found.records.values(), found.gone(mirror))
    for number, record in found.records.items():
        with unread.noting(number):
            if link_to(deal_id) in second[links[number]]:
                linked.append(with_age(record, created_at(mirror, number), context.today))
    late = {ref for record in linked for ref in record.customers} - customers.keys()
    return DealCard(
        deal_id,
        people,
        tuple(sorted(linked, key=lambda record: record.id, reverse=True)),
        customers | reader.read(late),
        len(found.unread | unread.ids(linked)),
    )


def replace_visible(
    reader: CustomerReader, base: CustomerRefs, people: CustomerRefs
) -> CustomerRefs:
    """Replace the customers in `base` that the user can see by `people`. Raises PortalError."""
    customers = reader.read(base)
    return unique((*people, *(ref for ref in base if not customers[ref].visible)))


def _refs(kind: Kind, *ids: int) -> CustomerRefs:
    return tuple(CustomerRef(kind, number) for number in ids if number)
