"""Compares what a page shows of records, from the CRM's mirror, with the waiting list itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from waitlist.context import UserContext
from waitlist.models import CustomerRefs, Record, same_customers
from waitlist.records.read import customers_of, list_commands, record_commands, records_in


@dataclass(frozen=True, slots=True)
class Verified:
    """What a page has to change: records that are `different`, and those that are `gone`."""

    different: tuple[Record, ...]
    gone: tuple[int, ...]


def verify(context: UserContext, shown: Mapping[int, CustomerRefs]) -> Verified:
    """One HTTP request for fifty records, one more where a few are different. Raises PortalError
    or WaitlistError."""
    listed = customers_of(context.client.batch(list_commands(shown)), shown)
    truth = listed.customers
    changed = [
        one for one in truth if one in listed.foreign or not same_customers(shown[one], truth[one])
    ]
    records = records_in(context.client.batch(record_commands(*changed)), changed)
    gone = (shown.keys() - truth.keys()) | (set(changed) - records.keys())
    context.tracker.looked_at(records.values(), gone)
    return Verified(tuple(records.values()), tuple(sorted(gone)))
