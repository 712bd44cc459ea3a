"""The tab in a customer's card: where this customer waits, and with whom."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from waitlist.cards.customer import Waiting
from waitlist.models import CustomerRef, CustomersByRef, Kind, Record
from web.http.i18n import gettext as _
from web.http.i18n import ngettext
from web.presenters.customer_row import Avatar, avatar, name_of
from web.presenters.record_row import RecordRow, record_row


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One record of a customer, told by the other people on it: `row.title` is the first of them.
    `hidden` says that CRM does not show one of them to this user; `here` is False once the customer
    has been taken off it."""

    row: RecordRow
    alone: bool
    hidden: bool
    main: bool
    here: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody who may be put on a record together with the customer."""

    key: str
    name: str
    avatar: Avatar


@dataclass(frozen=True, slots=True)
class CardView:
    """`key` is the customer's; `complete` is False where there may be more records."""

    key: str
    kind: Kind
    count: str
    rows: tuple[WaitingRow, ...]
    contacts: tuple[Choice, ...]
    complete: bool


def card_view(waiting: Waiting) -> CardView:
    """The whole tab, the newest record first."""
    customer = waiting.customer
    return CardView(
        key=customer.key,
        kind=customer.kind,
        count=count_text(len(waiting.records)),
        rows=tuple(waiting_row(record, customer, waiting.names) for record in waiting.records),
        contacts=choices(waiting.contacts, waiting.names),
        complete=waiting.complete,
    )


def waiting_row(record: Record, customer: CustomerRef, names: CustomersByRef) -> WaitingRow:
    others = tuple(ref for ref in record.customers if ref != customer)
    return WaitingRow(
        row=record_row(replace(record, customers=others), names),
        alone=not others and not record.foreign,
        hidden=any(not names[ref].visible for ref in others),
        main=record.main_customer == customer,
        here=customer in record.customers,
    )


def choices(refs: Collection[CustomerRef], names: CustomersByRef) -> tuple[Choice, ...]:
    return tuple(Choice(ref.key, name_of(ref, names), avatar(ref, names)) for ref in refs)


def count_text(count: int) -> str:
    if not count:
        return _("Not on the waiting list yet")
    return ngettext("On %(count)s record", "On %(count)s records", count) % {"count": count}
