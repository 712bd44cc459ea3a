"""The contact persons of a company, to be added to a record with it."""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass

from msgspec import Struct

from bitrix24.answers import Rows
from bitrix24.batch import Command
from bitrix24.errors import NotPermitted, PortalError
from bitrix24.ids import LenientId
from waitlist.customers.reader import CustomerReader, customers_in, item_list
from waitlist.models import Customer, CustomerRef, CustomerRefs, Kind

MOST_SHOWN = 12
"""Persons that a user can choose from at a glance; more are found by their names."""


class ContactRow(Struct, frozen=True, rename="upper"):
    """A contact of a company or a deal."""

    contact_id: LenientId = 0
    is_primary: str = "N"
    sort: LenientId = 0


@dataclass(frozen=True, slots=True)
class Persons:
    """The visible contacts of a company, the main one first. `more` says that it has others."""

    customers: tuple[Customer, ...] = ()
    more: bool = False


def read_persons(
    reader: CustomerReader, company: CustomerRef, but: Collection[CustomerRef] = ()
) -> Persons:
    """Read the contact persons of a company, without those in `but`.

    Costs one HTTP request if the company is the first one of all its persons, else two: `$result`
    of a batch cannot turn the rows of one answer into the filter of the next. Raises PortalError.
    """
    contacts = company_contacts(company.id)
    by_company = item_list(Kind.CONTACT, {"companyId": company.id})
    answer = reader.client.batch([contacts, by_company])
    if isinstance(answer.errors.get(contacts), NotPermitted):
        return Persons()
    rows = answer[contacts]
    refs = [ref for ref in contact_refs(rows) if ref not in but]
    shown = refs[:MOST_SHOWN]
    # Reading names by company is only a shortcut: persons that it misses are read by ID.
    with suppress(PortalError):
        reader.remember(customers_in(answer, by_company, Kind.CONTACT))
    found = reader.read(shown)
    visible = tuple(found[ref] for ref in shown if found[ref].visible)
    return Persons(visible, more=len(refs) > MOST_SHOWN or rows.unreadable > 0)


def company_contacts(company_id: int) -> Command[Rows[ContactRow]]:
    return Command("crm.company.contact.items.get", {"id": company_id}, Rows[ContactRow])


def contact_refs(rows: Iterable[ContactRow]) -> CustomerRefs:
    """Return the contacts in the portal's order, the main one first."""
    ordered = sorted(rows, key=lambda row: (row.is_primary != "Y", row.sort))
    return tuple(CustomerRef(Kind.CONTACT, row.contact_id) for row in ordered if row.contact_id)
