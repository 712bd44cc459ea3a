"""What a waiting list is made of: records, and the customers on them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bitrix24.ids import parse_id


class Kind(StrEnum):
    """What a customer is in CRM. The values are the portal's own client type codes."""

    CONTACT = "CONTACT"
    COMPANY = "COMPANY"


class Age(StrEnum):
    """How long a record has waited, by the windows of days that a portal tells apart."""

    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    OLDER = "older"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, order=True)
class CustomerRef:
    """The kind and ID of a contact or company. Contact 5 and company 5 are two customers."""

    kind: Kind
    id: int

    @property
    def key(self) -> str:
        """Return the reference as one word, `CONTACT:5`, for forms and history rows."""
        return f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, key: str) -> CustomerRef:
        """Read a `key`. Raises ValueError for any other text that a browser may send."""
        kind, _, text = key.partition(":")
        number = parse_id(text)
        if not number:
            raise ValueError("not a customer")
        return cls(Kind(kind), number)


CustomerRefs = tuple[CustomerRef, ...]


MOST_CUSTOMERS = 500
"""On one record, or of one deal. Records with more can only be listed."""


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as the current user may see it. `name` is None when CRM shows nothing.

    A list of CRM leaves out deleted customers and those that this user may not read. One that is
    `unread` may be either or neither: the answer about it was not understood. A customer
    that is not `offered` may be on a record but is never a search hit: suppliers are in other
    categories of CRM, and the portal's own companies have a flag. `since` is the day on which it
    was added to CRM, `YYYY-MM-DD`, and `company` the ID of a contact's main company, 0 without one.
    """

    ref: CustomerRef
    name: str | None
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    offered: bool = True
    unread: bool = False
    since: str = ""
    company: int = 0

    @property
    def visible(self) -> bool:
        return self.name is not None


CustomersByRef = Mapping[CustomerRef, Customer]


@dataclass(frozen=True, slots=True)
class LinkedDeal:
    """A deal that a record is linked to. `title` is "" if it is not known."""

    id: int
    title: str


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the waiting list.

    `customers` are in the portal's order. `days` is how long the record has waited, None when that
    is not known exactly, and `created` is the moment in the portal's time zone, None
    then, too. A `foreign` record also has a client that is neither a contact nor a
    company, which the app cannot show, or more than MOST_CUSTOMERS.
    `deals` are known only of a record that was read alone.
    """

    id: int
    note: str = ""
    customers: CustomerRefs = ()
    age: Age = Age.UNKNOWN
    days: int | None = None
    foreign: bool = False
    created: datetime | None = None
    deals: tuple[LinkedDeal, ...] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """The whole waiting list as one user sees it.

    `customers` holds all customers of all records. `complete` is False when the portal did not let
    us read to the end. The customers of `unverified` records come from the CRM mirror alone.
    `unread` is how many records are left out because their rows could not be read.
    """

    records: tuple[Record, ...] = ()
    customers: CustomersByRef = field(default_factory=dict)
    complete: bool = True
    unverified: frozenset[int] = frozenset()
    unread: int = 0


@dataclass(frozen=True, slots=True)
class BoardPart:
    """Some records, and all their customers. So many others could not be read."""

    records: tuple[Record, ...]
    customers: CustomersByRef
    unread: int = 0


@dataclass(frozen=True, slots=True)
class OpenBoard:
    """A waiting list that is still being read. `parts` come by age, and in it newest first.

    Records that are `linked` have a deal, as far as the CRM mirror knows.
    """

    parts: Iterator[BoardPart]
    complete: bool
    unverified: frozenset[int] = frozenset()
    linked: frozenset[int] = frozenset()


def main_customer(customers: CustomerRefs) -> CustomerRef | None:
    """Return the main customer as a portal chooses it: the first contact, else the first of all.

    Source: Entity/Client/ClientCollection.php getPrimaryClient of the portal's booking module.
    """
    contacts = (customer for customer in customers if customer.kind is Kind.CONTACT)
    return next(contacts, next(iter(customers), None))


def same_customers(one: CustomerRefs, other: CustomerRefs) -> bool:
    """Return whether two lists have the same customers and main one, in any order."""
    return set(one) == set(other) and main_customer(one) == main_customer(other)


def keys_of(customers: Iterable[CustomerRef]) -> tuple[str, ...]:
    return tuple(ref.key for ref in customers)


def refs_of(keys: Iterable[str]) -> CustomerRefs:
    """Return the customers with these keys. Raises ValueError for what is no key."""
    return tuple(map(CustomerRef.parse, keys))


def customer_ref(code: str, customer_id: int) -> CustomerRef | None:
    """Return the customer with this type and ID. None for anything but a contact or company."""
    try:
        return CustomerRef.parse(f"{code.upper()}:{customer_id}")
    except ValueError:
        return None


def clean_note(note: str | None) -> str:
    """Return a note as the app compares it: browsers change line ends and outer spaces."""
    return (note or "").replace("\r\n", "\n").strip()


def note_digest(note: str) -> str:
    """Return a word that tells a note from others; "0" for none."""
    raw = note.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(raw, digest_size=6).hexdigest() if raw else "0"
