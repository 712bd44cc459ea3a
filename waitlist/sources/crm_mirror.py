"""The CRM mirror: the CRM activity that Bitrix24 keeps for each record that ever had a customer.

The mirror tells in one page what `client.list` tells in fifty calls, and it tells when a record was
created, which no booking method does. It is not a source of truth: an emptied record keeps its old
activity, a record that never had a customer has none, the activity is written after the answer to a
change, and users see only the activities that they may read. Source:
crm/lib/activity/provider/booking/waitlistitem.php and Dto/Booking/WaitListItem of the portal's
modules.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from bitrix24.answers import Rows, decode
from bitrix24.batch import BatchAnswer, Command
from bitrix24.errors import NoAnswer
from bitrix24.ids import Id, LenientId
from bitrix24.lists import ListCommand, Listing
from waitlist.models import CustomerRefs, CustomersByRef, customer_ref, same_customers

METHOD = "crm.activity.list"
PROVIDER_ID = "CRM_WAIT_LIST_ITEM"


class Activity(Struct, frozen=True, rename="upper"):
    """An activity of the mirror. The settings of one may be broken without spoiling the others."""

    id: Id
    associated_entity_id: LenientId = 0
    created: str = ""
    settings: Any = None


class MirrorClient(Struct, frozen=True, rename="camel"):
    type_code: str = ""
    id: LenientId = 0


class MirrorFields(Struct, frozen=True):
    clients: list[MirrorClient] | None = None
    external_data: Any = field(name="externalData", default=None)


class MirrorSettings(Struct, frozen=True, rename="upper"):
    """The settings of an activity. Each array in them may be stored as JSON text."""

    fields: MirrorFields = MirrorFields()


@dataclass(frozen=True, slots=True)
class MirrorRecord:
    """A record as the mirror has it; None is unknown. `created` has a time zone.

    One that is `linked` to a deal or the like may be so no more.
    """

    record_id: int
    customers: CustomerRefs | None
    created: datetime | None
    linked: bool = False


def activity_list(*, ends_with: ListCommand[Any], pages: int) -> ListCommand[Activity]:
    """Return the list of all activities: empty and incomplete when CRM is closed to the user."""
    return ListCommand(
        METHOD, "", _params({}), pages=pages, optional=True, ends_with=ends_with, row=Activity
    )


def activity_of_record(record_id: int) -> Command[Rows[Activity]]:
    return Command(METHOD, _params({"=ASSOCIATED_ENTITY_ID": record_id}), Rows[Activity])


def activities_of(owner_type: int, owner_id: int) -> Command[Rows[Activity]]:
    """Return the call that reads a CRM item's newest 50 activities, by type and ID."""
    criteria = {"BINDINGS": [{"OWNER_TYPE_ID": owner_type, "OWNER_ID": owner_id}]}
    return Command(METHOD, _params(criteria, order="DESC"), Rows[Activity])


def _params(criteria: Mapping[str, Any], order: str = "ASC") -> dict[str, Any]:
    return {
        "filter": {"=PROVIDER_ID": PROVIDER_ID, "COMPLETED": "N", **criteria},
        "select": [name.upper() for name in Activity.__struct_fields__],
        "order": {"ID": order},
    }


def mirror_record(activity: Activity) -> MirrorRecord | None:
    """Return the record that an activity is about. Returns None when it names none."""
    record_id = activity.associated_entity_id
    if not record_id:
        return None
    fields = _fields(activity.settings)
    linked = bool(fields and fields.external_data)
    return MirrorRecord(record_id, _customers(fields), _moment(activity.created), linked)


def mirror_in(
    listing: Listing[Activity], record_ids: Container[int]
) -> tuple[dict[int, CustomerRefs], dict[int, datetime], frozenset[int]]:
    """Return the records' customers and creation, and which are linked to a deal.

    A later activity counts more.
    """
    mirrored = [record for row in listing.rows.values() if (record := mirror_record(row))]
    known = [record for record in mirrored if record.record_id in record_ids]
    customers = {one.record_id: one.customers for one in known if one.customers is not None}
    created = {one.record_id: one.created for one in known if one.created is not None}
    return customers, created, frozenset(one.record_id for one in known if one.linked)


def mirrored_in(answer: BatchAnswer, command: Command[Rows[Activity]]) -> dict[int, MirrorRecord]:
    """Return the records in a command's answer, by their IDs. None when it failed."""
    found = map(mirror_record, answer.get(command) or ())
    return {record.record_id: record for record in found if record}


def created_at(mirror: Mapping[int, MirrorRecord], record_id: int) -> datetime | None:
    """Return when a record was created, if the mirror tells."""
    known = mirror.get(record_id)
    return known.created if known else None


def agrees(mirrored: CustomerRefs, listed: CustomerRefs, customers: CustomersByRef) -> bool:
    """Return whether the mirror is right. It has to know emptied records and deleted customers."""
    known = set(listed)
    there = tuple(ref for ref in mirrored if ref in known or customers[ref].visible)
    return not listed or same_customers(there, listed)


def _fields(settings: Any) -> MirrorFields | None:
    try:
        return decode(settings, MirrorSettings).fields
    except NoAnswer:
        return None


def _customers(fields: MirrorFields | None) -> CustomerRefs | None:
    if fields is None or fields.clients is None:
        return None
    refs = [customer_ref(client.type_code, client.id) for client in fields.clients]
    known = dict.fromkeys(ref for ref in refs if ref)
    return tuple(known) if all(refs) else None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
