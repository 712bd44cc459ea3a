"""The CRM's mirror of the waiting list: one activity for each record that ever had a customer.

It tells in one page what `client.list` tells in fifty calls, and when a record was made, which no
booking method tells. It is no source of truth: a record that was emptied keeps its old activity,
one that never had anybody has none, it is written after the answer to a change, and a user sees
only the activities they may read. Source: crm/lib/activity/provider/booking/waitlistitem.php and
Dto/Booking/WaitListItem of the portal's modules.
"""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bitrix24.batch import BatchAnswer, php_map
from bitrix24.lists import ListCommand, Listing
from waitlist.models import CustomerRefs, CustomersByRef, customer_ref, parse_id, same_customers

PROVIDER_ID = "CRM_WAIT_LIST_ITEM"
FIELDS = ("ID", "ASSOCIATED_ENTITY_ID", "CREATED", "SETTINGS")


@dataclass(frozen=True, slots=True)
class MirrorRecord:
    """A record as the mirror has it. `customers` is None where it does not say who they are, and
    in the record's own order where it does; `created` has a time zone, or is None."""

    record_id: int
    customers: CustomerRefs | None
    created: datetime | None


@dataclass(frozen=True, slots=True)
class Mirror:
    """What the mirror says of many records, by their ids, as far as it says it."""

    customers: Mapping[int, CustomerRefs] = field(default_factory=dict)
    created: Mapping[int, datetime] = field(default_factory=dict)


def activity_list(
    criteria: Mapping[str, Any] | None = None, *, beside: str = "", pages: int = 1
) -> ListCommand:
    """The activities of the waiting list, narrowed by `criteria` such as
    `{"BINDINGS": [{"OWNER_TYPE_ID": 3, "OWNER_ID": 12}]}`. Where CRM is closed to the user the
    list comes back empty and incomplete. `beside` and `pages` as in ListCommand."""
    wanted = {"=PROVIDER_ID": PROVIDER_ID, "COMPLETED": "N", **(criteria or {})}
    params = {"filter": wanted, "select": FIELDS, "order": {"ID": "ASC"}}
    return ListCommand(
        "crm.activity.list",
        "",
        params,
        pages=pages,
        optional=True,
        row_id="ID",
        beside=beside,
    )


def record_of(row: Mapping[str, Any]) -> MirrorRecord | None:
    """The record in a row of `activity_list`; None where the row names none."""
    record_id = parse_id(row.get("ASSOCIATED_ENTITY_ID"))
    if not record_id:
        return None
    return MirrorRecord(record_id, _customers(row.get("SETTINGS")), _moment(row.get("CREATED")))


def mirror_in(listing: Listing, record_ids: Container[int]) -> Mirror:
    """What a listing of `activity_list` says of these records; a later activity says it better."""
    mirrored = [record for row in listing.rows.values() if (record := record_of(row))]
    known = [record for record in mirrored if record.record_id in record_ids]
    return Mirror(
        {one.record_id: one.customers for one in known if one.customers is not None},
        {one.record_id: one.created for one in known if one.created is not None},
    )


def mirrored_in(answer: BatchAnswer) -> dict[int, MirrorRecord]:
    """The records in the first page of an `activity_list` that a batch has brought under the key
    `mirror`; none where it has brought nothing."""
    rows = php_map(answer.results.get("mirror")).values()
    found = [record_of(row) for row in rows if isinstance(row, dict)]
    return {record.record_id: record for record in found if record}


def made_at(mirror: Mapping[int, MirrorRecord], record_id: int) -> datetime | None:
    """When a record was made, as far as the mirror tells."""
    known = mirror.get(record_id)
    return known.created if known else None


def agrees(
    mirrored: CustomerRefs,
    listed: CustomerRefs,
    names: CustomersByRef,
) -> bool:
    """Whether the mirror is right of a record, by what `client.list` says. That it still names
    customers of an emptied record, or one whom CRM has lost since, is its way and no lie."""
    there = tuple(ref for ref in mirrored if ref in listed or names[ref].visible)
    return not listed or same_customers(there, listed)


def _customers(settings: Any) -> CustomerRefs | None:
    rows = _opened(_opened(settings).get("FIELDS")).get("clients")
    if not isinstance(rows, list):
        return None
    refs = [customer_ref(php_map(row).get("typeCode"), php_map(row).get("id")) for row in rows]
    known = dict.fromkeys(ref for ref in refs if ref)
    return tuple(known) if all(refs) else None


def _opened(value: Any) -> dict[str, Any]:
    """A PHP array that may have been stored as JSON text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return php_map(value)


def _moment(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
