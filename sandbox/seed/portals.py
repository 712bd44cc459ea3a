"""Whole portals: users, customers, records of the last 90 days, bookings of this week."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sandbox.core import crm_mirror
from sandbox.core.application import AppState
from sandbox.core.booking.model import FEATURES
from sandbox.core.booking.stored_clients import add_rows
from sandbox.core.model import ClientType, ExternalRow, PortalState, Record, User
from sandbox.seed import bookings, crm
from sandbox.seed.words import NOTES

_DAYS = 90
# The number of customers per record, repeated.
_CUSTOMERS = [1, 1, 2, 0, 1, 3, 1, 2, 1, 4, 0, 1, 2]


@dataclass(frozen=True)
class Sizes:
    contacts: int
    companies: int
    deals: int
    records: int
    bookings: int

    def smaller(self) -> Sizes:
        """Return the sizes of a second portal, which is a small firm."""
        records, bookings = min(self.records, 12), min(self.bookings, 20)
        return replace(self, contacts=60, companies=8, deals=6, records=records, bookings=bookings)


def build_portal(number: int, sizes: Sizes, now: float) -> PortalState:
    state = PortalState(
        member_id=_digest("member", number),
        number=number,
        company="Larkspur Clinic" if number == 1 else f"Juniper Garage {number}",
        # The first portal writes dates as in the docs, every second one month first.
        date_format="%d.%m.%Y" if number % 2 else "%m/%d/%Y",
        webhook=_digest("webhook", number)[:16],
        app=AppState(application_token=_digest("application token", number)),
        users=_users(number),
        client_types=[ClientType("crm", "CONTACT"), ClientType("crm", "COMPANY")],
        features=dict.fromkeys(FEATURES, True),
        messages_sent_until=now,
    )
    moment = datetime.fromtimestamp(now, UTC)
    long_ago = (moment - timedelta(days=400)).isoformat(timespec="seconds")
    crm.add_crm_items(state, sizes.contacts, sizes.companies, sizes.deals, long_ago)
    bookings.add_resources(state)
    _add_records(state, sizes, moment)
    bookings.add_bookings(state, sizes.bookings, moment)
    _hide_contacts(state)
    # No record is linked to the last two deals.
    state.users[1].hidden_deals = sorted(state.deals)[-2:]
    return state


def _digest(kind: str, number: int) -> str:
    return hashlib.sha256(f"sandbox {kind} {number}".encode()).hexdigest()[:32]


def _users(number: int) -> list[User]:
    families = ("Hartmann", "Novák", "Rinaldi", "Ferreira", "Tanabe")
    if number > 1:
        families = ("Okafor", "Lindqvist", "Petrakis", "Moreau", "Castellano")
    last = list(families)
    return [
        User(1, "Olivia", last[0], "olivia@example.com", "Head of office", admin=True),
        User(2, "Marek", last[1], "marek@example.com", "Front desk"),
        User(3, "Sofia", last[2], "sofia@example.com", "Accounting", app_access=False),
        User(4, "Tomás", last[3], "tomas@example.com", "Trainee", crm_read=False),
        User(5, "Yuki", last[4], "yuki@example.com", "Partner (extranet)", extranet=True),
    ]


def _add_records(state: PortalState, sizes: Sizes, now: datetime) -> None:
    for index in range(sizes.records):
        # Ids have gaps, as after records that became bookings or were deleted.
        record_id = index + 1 + index // 12
        age = timedelta(days=_DAYS * (1 - (index + 1) / sizes.records), minutes=index % 7 * 3)
        created = (now - age).isoformat(timespec="seconds")
        author = 2 if index % 3 else 1
        note = NOTES[index % len(NOTES)] if index % 4 != 3 else None
        record = Record(record_id, note, author, created, author)
        _add_customers(state, record, index, sizes)
        if index % 6 == 2 and sizes.deals:
            deal = str(index // 6 % sizes.deals + 1)
            record.external.append(ExternalRow("crm", "DEAL", deal))
        state.records[record_id] = record
        state.last_id["record"] = record_id
        crm_mirror.write_mirror(state, record, created)


def _add_customers(state: PortalState, record: Record, index: int, sizes: Sizes) -> None:
    for step in range(_CUSTOMERS[index % len(_CUSTOMERS)]):
        company = (index + step) % 6 == 5 and sizes.companies
        total = sizes.companies if company else sizes.contacts
        number = (index * 29 + step * 83) % total + 1
        add_rows(state, record, [("COMPANY" if company else "CONTACT", number)])


def _hide_contacts(state: PortalState) -> None:
    """Hide twelve contacts from user 2, half of them on waiting-list records."""
    linked = sorted(
        {
            row.id
            for record in state.records.values()
            for row in record.clients
            if row.code == "CONTACT"
        }
    )
    on_records = linked[2::9][:6]
    free = [number for number in sorted(state.contacts) if number not in set(linked)]
    state.users[1].hidden_contacts = sorted(on_records + free[1::7][: 12 - len(on_records)])
