"""Compares what a page shows of records, from the CRM's mirror, with the waiting list itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bitrix24.batch import Command, php_map
from bitrix24.client import PortalClient
from waitlist.errors import RecordGone, raise_known
from waitlist.merge import Customers
from waitlist.models import Record, clean_note, same_customers
from waitlist.records import customers_of, list_commands


@dataclass(frozen=True, slots=True)
class Verified:
    """What a page has to change: records that are `different`, and those that are `gone`."""

    different: tuple[Record, ...]
    gone: tuple[int, ...]


def verify(client: PortalClient, shown: Mapping[int, Customers]) -> Verified:
    """One HTTP request for fifty records, one more where some are different. Raises PortalError
    or WaitlistError."""
    truth = customers_of(client.batch(list_commands(shown)), shown)
    changed = {
        record_id: customers
        for record_id, customers in truth.items()
        if not same_customers(shown[record_id], customers)
    }
    answer = client.batch(
        {str(one): Command("booking.v1.waitlist.get", {"id": one}) for one in changed}
    )
    gone = set(shown) - truth.keys()
    different = []
    for record_id, customers in changed.items():
        if error := answer.errors.get(str(record_id)):
            try:
                raise_known(error)
            except RecordGone:
                gone.add(record_id)
                continue
            raise error
        row = php_map(php_map(answer.results[str(record_id)]).get("waitList"))
        different.append(Record(record_id, clean_note(row.get("note")), customers))
    return Verified(tuple(different), tuple(sorted(gone)))
