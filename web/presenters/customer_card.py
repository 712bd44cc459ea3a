"""The tab in a customer's card: the records of this customer, and who else is on them."""

from dataclasses import dataclass, replace
from datetime import UTC, tzinfo

from bitrix24.zones import find_zone
from waitlist.cards.customer import CustomerCard
from waitlist.models import CustomerRef, CustomersByRef, Kind, Record, keys_of, main_customer
from web.presenters.booking.words import booking_text
from web.presenters.customer_row import (
    CustomerRow,
    customer_row,
    in_order,
    name_of,
    namesakes_among,
)
from web.presenters.record_row import RecordRow, record_row, shorten_note


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One record of a customer. Its `row` shows the other customers on it, the `others`.

    `alone` says that there are none, `hidden` that this user has no access to one of them in CRM.
    `main` is the name of the main customer, `starred` says that it is the customer of the tab.
    `here` is False after the customer was removed from the record. `keys` are all customers.
    """

    row: RecordRow
    keys: tuple[str, ...]
    others: tuple[str, ...]
    note: str
    alone: bool
    hidden: bool
    main: str
    starred: bool
    here: bool


@dataclass(frozen=True, slots=True)
class Count:
    """On how many records the customer is."""

    name: str
    records: int


@dataclass(frozen=True, slots=True)
class CardView:
    """The tab of the customer `key`. `complete` is False if there may be more records.

    `unread` others could not be read. The `contacts` can be added to a record together with the
    customer. `bookings` are texts such as `Tue 1 Dec 10:00 · Room 2` by ID.
    """

    key: str
    kind: Kind
    count: Count
    rows: tuple[WaitingRow, ...]
    contacts: tuple[CustomerRow, ...]
    complete: bool
    unread: int
    bookings: dict[int, str]


def card_view(card: CustomerCard, portal_clock: tzinfo | None) -> CardView:
    """Return the whole tab, the newest record first."""
    customer = card.customer
    namesakes = namesakes_among(card.customers[ref] for ref in card.contacts)
    return CardView(
        key=customer.key,
        kind=customer.kind,
        count=Count(name_of(customer, card.customers), len(card.records)),
        rows=tuple(waiting_row(record, customer, card.customers) for record in card.records),
        contacts=tuple(
            customer_row(ref, card.customers, (), (), namesakes) for ref in card.contacts
        ),
        complete=card.complete,
        unread=card.unread,
        bookings={
            row.id: booking_text(
                row.span.start,
                find_zone(row.date_period.begin.timezone) or portal_clock or UTC,
                [card.resources[one] for one in row.resource_ids if one in card.resources],
            )
            for row in card.bookings
        },
    )


def waiting_row(record: Record, customer: CustomerRef, names: CustomersByRef) -> WaitingRow:
    others = tuple(ref for ref in record.customers if ref != customer)
    row = record_row(replace(record, customers=others), names)
    main = main_customer(record.customers)
    return WaitingRow(
        row=row,
        keys=keys_of(in_order(record.customers)),
        others=tuple(name_of(ref, names) for ref in in_order(others)),
        note=row.note if record.foreign else shorten_note(record.note),
        alone=not others and not record.foreign,
        hidden=any(not names[ref].visible and not names[ref].unread for ref in others),
        main=name_of(main, names) if main else "",
        starred=main == customer,
        here=customer in record.customers,
    )
