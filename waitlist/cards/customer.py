"""The records of one customer, for the tab in the customer's card.

No booking method lists them. The CRM mirror names records of a customer, but it may be late, stale
or closed to the user; the tracker names some more. Each of them is read before it is shown.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from bitrix24.answers import Rows
from bitrix24.errors import unreadable_answer
from bitrix24.lists import PAGE_SIZE
from waitlist.context import UserContext
from waitlist.customers.contact_persons import company_contacts, contact_refs
from waitlist.customers.reader import ENTITY_TYPES, customer_commands
from waitlist.errors import CustomerNotShown
from waitlist.models import CustomerRef, CustomerRefs, CustomersByRef, Kind, Record
from waitlist.records.read import record_commands, records_in
from waitlist.sources.ages import with_age
from waitlist.sources.bookings import (
    BookingRow,
    ResourceRow,
    coming_bookings,
    first_upcoming,
    resource_row,
)
from waitlist.sources.crm_mirror import Activity, activities_of, created_at, mirrored_in

READ_AT_ONCE = 20
"""Records that are read in the first request, together with the question which records exist."""


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """The records of a customer, as one user may see them.

    `records` come newest first and are as the portal has them now. `contacts` are the contact
    persons of a company. `complete` is False when there may be more records than these. `unread`
    is how many of this customer's records could not be read. `bookings` are the coming ones.
    """

    customer: CustomerRef
    records: tuple[Record, ...] = ()
    contacts: CustomerRefs = ()
    customers: CustomersByRef = field(default_factory=dict)
    complete: bool = True
    unread: int = 0
    bookings: tuple[BookingRow, ...] = ()
    resources: Mapping[int, ResourceRow] = field(default_factory=dict)


def read_card(context: UserContext, customer: CustomerRef) -> CustomerCard:
    """Read the records in two or three HTTP requests. Raises WaitlistError or PortalError."""
    client, reader = context.client, context.customers
    remembered = context.tracker.last_seen(customer)
    at_once = remembered[:READ_AT_ONCE]
    activities = activities_of(ENTITY_TYPES[customer.kind], customer.id)
    persons = [company_contacts(customer.id)] if customer.kind is Kind.COMPANY else []
    naming = customer_commands([customer])
    now = int(time.time())
    coming = coming_bookings(customer.kind, customer.id, now)
    first = client.batch([activities, coming, *naming, *persons, *record_commands(*at_once)])
    found = reader.take([customer], first)[customer]
    if found.unread:
        raise unreadable_answer()
    if not found.visible:
        raise CustomerNotShown
    mirror = mirrored_in(first, activities)
    contacts = contact_refs(row for command in persons for row in first.get(command) or ())
    found_first = records_in(first, at_once)
    records = found_first.records
    others = [number for number in {**mirror, **dict.fromkeys(remembered)} if number not in at_once]
    known = {ref for record in records.values() for ref in record.customers}
    mirrored = [mirror[number].customers or () for number in others if number in mirror]
    expected = {ref for refs in mirrored for ref in refs}
    wanted = {*known, *expected, *contacts} - {customer}
    bookings = tuple(first.get(coming) or ())
    if coming in first.results:
        context.next_bookings.note({customer: first_upcoming(bookings, now)})
    rooms = {one: resource_row(one) for row in bookings for one in row.resource_ids}
    second = client.batch([*record_commands(*others), *customer_commands(wanted), *rooms.values()])
    customers = reader.take(wanted, second) | {customer: found}
    found_then = records_in(second, others)
    records = records | found_then.records
    gone = found_first.gone(at_once) | found_then.gone(others)
    context.tracker.note_read(records.values(), gone)
    here = [
        with_age(record, created_at(mirror, record.id), context.today)
        for record in records.values()
        if customer in record.customers
    ]
    late = {ref for record in here for ref in record.customers} - customers.keys()
    return CustomerCard(
        customer=customer,
        records=tuple(sorted(here, key=lambda record: record.id, reverse=True)),
        contacts=tuple(ref for ref in contacts if customers[ref].visible),
        customers=customers | reader.read(late),
        complete=_tells_all(first.get(activities)),
        unread=len(found_first.unread | found_then.unread),
        bookings=bookings,
        resources={one: row for one, room in rooms.items() if (row := second.get(room))},
    )


def _tells_all(activities: Rows[Activity] | None) -> bool:
    """Return whether an answer of the mirror holds all of a customer's activities."""
    return activities is not None and not activities.unreadable and len(activities) < PAGE_SIZE
