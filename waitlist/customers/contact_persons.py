"""The contact persons of a company, to be put on a record with it."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from bitrix24.batch import Command, php_map
from bitrix24.errors import NotPermitted, PortalError
from waitlist.customers.reader import CustomerReader, customers_in, item_list
from waitlist.models import Customer, CustomerRef, Kind, customer_ref

SHOWN = 12
"""Persons that somebody can choose from at a glance; more are found by their names."""


@dataclass(frozen=True, slots=True)
class Persons:
    """The contacts of a company whom the user may see, its main contact first; `more` says that
    it has others."""

    customers: tuple[Customer, ...] = ()
    more: bool = False


def persons_of(
    reader: CustomerReader, company: CustomerRef, but: Collection[CustomerRef] = ()
) -> Persons:
    """The contact persons of a company, without those in `but`. Raises PortalError.

    One HTTP request while the company is the first one of its persons, else two: `$result` of a
    batch cannot turn the rows of one answer into the filter of the next.
    """
    named = item_list(Kind.CONTACT, {"companyId": company.id})
    answer = reader.client.batch(
        {"persons": Command("crm.company.contact.items.get", {"id": company.id}), "named": named}
    )
    if isinstance(answer.errors.get("persons"), NotPermitted):
        return Persons()
    refs = [ref for ref in _refs(answer.result("persons")) if ref not in but]
    shown = refs[:SHOWN]
    # Names by company are a short cut; without it they are read by id.
    with suppress(PortalError):
        reader.keep(customers_in(answer, "named", Kind.CONTACT))
    found = reader.read(shown)
    visible = tuple(found[ref] for ref in shown if found[ref].visible)
    return Persons(visible, more=len(refs) > SHOWN)


def _refs(result: Any) -> list[CustomerRef]:
    """The contacts in the portal's order, the main one first."""
    rows = [row for row in php_map(result).values() if isinstance(row, dict)]
    rows.sort(key=lambda row: row.get("IS_PRIMARY") != "Y")
    refs = (customer_ref(Kind.CONTACT, row.get("CONTACT_ID")) for row in rows)
    return [ref for ref in refs if ref]
