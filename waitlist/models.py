"""What a waiting list is made of: records, and the customers who wait on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bitrix24.lists import LARGEST_ID


class Kind(StrEnum):
    """What a customer is in CRM. The values are the portal's own client type codes."""

    CONTACT = "CONTACT"
    COMPANY = "COMPANY"


class Age(StrEnum):
    """How long a record has waited, by the day windows that the portal can tell."""

    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    OLDER = "older"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, order=True)
class CustomerRef:
    """Points at one contact or company in CRM. Contact 5 and company 5 are two customers."""

    kind: Kind
    id: int

    @property
    def key(self) -> str:
        """The reference as one word, `CONTACT:5`: in forms, in history rows, in batch keys."""
        return f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, key: str) -> CustomerRef:
        """Reads what `key` wrote. Raises ValueError for anything else, a browser may send it."""
        kind, _, text = key.partition(":")
        number = parse_id(text)
        if not number:
            raise ValueError("not a customer")
        return cls(Kind(kind), number)


CustomerRefs = tuple[CustomerRef, ...]


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as the current user may see them in CRM; `name` is None where CRM shows nothing.

    CRM answers alike for a deleted customer and for one this user may not read. Who is not
    `offered` may stand on a record, but is nobody's hit: suppliers live in other categories of CRM,
    and the portal's own companies carry a flag.
    """

    ref: CustomerRef
    name: str | None
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    offered: bool = True

    @property
    def visible(self) -> bool:
        return self.name is not None


CustomersByRef = Mapping[CustomerRef, Customer]


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the waiting list. `customers` are in the portal's order, the main one found
    by `main_customer`; `days` is how many the record has waited, where that is known exactly. On a
    `foreign` one there is also somebody whom the app does not know: no contact and no company."""

    id: int
    note: str = ""
    customers: CustomerRefs = ()
    age: Age = Age.UNKNOWN
    days: int | None = None
    foreign: bool = False

    @property
    def main_customer(self) -> CustomerRef | None:
        return main_customer(self.customers)


@dataclass(frozen=True, slots=True)
class Board:
    """The whole waiting list as one user sees it.

    `customers` holds every customer of every record; `complete` is False when the portal did not
    let us read to the end. Who waits on the `unverified` records only the CRM's mirror has said.
    """

    records: tuple[Record, ...] = ()
    customers: CustomersByRef = field(default_factory=dict)
    complete: bool = True
    unverified: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class BoardPart:
    """Some records, and every customer of theirs."""

    records: tuple[Record, ...]
    customers: CustomersByRef


@dataclass(frozen=True, slots=True)
class OpenBoard:
    """A waiting list that is still being read: `parts` come as the portal tells them, the youngest
    age first and in it the newest record first. The rest as in Board."""

    parts: Iterator[BoardPart]
    complete: bool
    unverified: frozenset[int] = frozenset()


def main_customer(customers: CustomerRefs) -> CustomerRef | None:
    """The customer a portal takes as the main one: the first contact, else the first of all.

    Source: Entity/Client/ClientCollection.php getPrimaryClient of the portal's booking module.
    """
    contacts = (customer for customer in customers if customer.kind is Kind.CONTACT)
    return next(contacts, next(iter(customers), None))


def same_customers(one: CustomerRefs, other: CustomerRefs) -> bool:
    """The same people with the same main customer. Beyond that their order means nothing, and a
    portal does not promise to keep it."""
    return set(one) == set(other) and main_customer(one) == main_customer(other)


def customer_ref(code: object, number: object) -> CustomerRef | None:
    """A customer as a portal names them by type and number; None where it is no contact and no
    company."""
    try:
        return CustomerRef.parse(f"{str(code).upper()}:{number}")
    except ValueError:
        return None


def parse_id(value: object) -> int:
    """A number that a portal gives to things, out of what may be anything; 0 where it is none."""
    text = str(value)
    sound = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_ID))
    number = int(text) if sound else 0
    return number if number <= LARGEST_ID else 0


def clean_note(note: object) -> str:
    """A note as we compare it: line ends and outer spaces change on the way through browsers."""
    return str(note or "").replace("\r\n", "\n").strip()
