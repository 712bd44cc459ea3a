"""Compares what a page shows of records, from the CRM mirror, with the waiting list itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from waitlist.context import UserContext
from waitlist.models import CustomerRefs, Record, same_customers
from waitlist.records.read import client_list, customers_of, record_commands, records_in


@dataclass(frozen=True, slots=True)
class Corrections:
    """What a page has to change: records that are `different`, and those that are `gone`."""

    different: tuple[Record, ...]
    gone: tuple[int, ...]


def check_rows(context: UserContext, shown: Mapping[int, CustomerRefs]) -> Corrections:
    """Compare the customers that a page shows with those on the records.

    Costs one HTTP request for fifty records, and one more if some are different.
    Raises PortalError or WaitlistError.
    """
    listed = customers_of(context.client.batch(map(client_list, shown)), shown)
    truth = listed.customers
    changed = [
        one for one in truth if one in listed.foreign or not same_customers(shown[one], truth[one])
    ]
    records = records_in(context.client.batch(record_commands(*changed)), changed)
    gone = (shown.keys() - truth.keys()) | (set(changed) - records.keys())
    context.tracker.note_read(records.values(), gone)
    return Corrections(tuple(records.values()), tuple(sorted(gone)))
