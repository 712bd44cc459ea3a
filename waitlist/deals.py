"""The people of a deal and the waiting list: who they are, where they wait, and the link between
the deal and a record.

A record that is linked to a deal and has no customers fills itself from the deal, so the link is
made after the customers are there. Linking replaces all links of a record, so those that are there
are sent along. Source: Integration/Crm/DealClientSynchronizer.php and Controller/waitlist/
externaldata.php of the portal's booking module.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bitrix24.batch import BatchAnswer, Command, php_map
from bitrix24.client import PortalClient
from bitrix24.errors import NoAnswer, NotPermitted, PortalError
from waitlist.ages import aged
from waitlist.customers import CustomerReader, commands_for
from waitlist.errors import DealNotShown, raise_known
from waitlist.merge import Customers, unique
from waitlist.mirror import made_at, mirrored_in
from waitlist.models import Customer, CustomerRef, Kind, Record, parse_id
from waitlist.records import record_list_commands, records_in
from waitlist.reverse import mirrored
from waitlist.tracker import RecordTracker

ENTITY_TYPE = 2
LIST = "booking.v1.waitlist.externaldata.list"
SET = "booking.v1.waitlist.externaldata.set"
UNSET = "booking.v1.waitlist.externaldata.unset"


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal as one user may see it. `people` are its contacts, the main one first, and then its
    company; `records` are those linked to it, newest first."""

    id: int
    people: Customers
    records: tuple[Record, ...] = ()
    names: Mapping[CustomerRef, Customer] = field(default_factory=dict)


def read_deal(
    client: PortalClient,
    reader: CustomerReader,
    tracker: RecordTracker,
    deal_id: int,
    today: date,
) -> Deal:
    """Two HTTP requests. Raises DealNotShown, PortalError or WaitlistError."""
    first = client.batch(
        {
            "deal": _get(deal_id),
            "contacts": Command("crm.deal.contact.items.get", {"id": deal_id}),
            "mirror": mirrored(ENTITY_TYPE, deal_id),
        }
    )
    people = _people(_shown(first), first)
    mirror = mirrored_in(first)
    expected = {ref for record in mirror.values() for ref in record.customers or ()}
    links = {f"links_{number}": _links(number) for number in mirror}
    wanted = {*people, *expected}
    second = client.batch(record_list_commands(mirror) | links | commands_for(wanted))
    names = reader.take(wanted, second)
    records = records_in(second, mirror)
    tracker.looked_at(records.values(), mirror.keys() - records.keys())
    linked = [
        aged(record, made_at(mirror, record.id), today)
        for record in records.values()
        if _link(deal_id) in _rows(second.result(f"links_{record.id}"))
    ]
    late = {ref for record in linked for ref in record.customers} - names.keys()
    return Deal(
        deal_id,
        people,
        tuple(sorted(linked, key=lambda record: record.id, reverse=True)),
        names | (reader.read(late) if late else {}),
    )


def require_deal(client: PortalClient, deal_id: int) -> None:
    """One HTTP request. Raises DealNotShown where CRM does not show the deal to this user."""
    _shown(client.batch({"deal": _get(deal_id)}))


def link(client: PortalClient, record_id: int, deal_id: int) -> bool:
    """Links a record that has customers to a deal, beside what it is linked to already. Answers
    whether it was not linked to it before."""
    links = _rows(_answer(client, LIST, {"waitListId": record_id}))
    if _link(deal_id) in links:
        return False
    try:
        _answer(client, SET, {"waitListId": record_id, "externalData": [*links, _link(deal_id)]})
    except NoAnswer:
        # Perhaps it was carried out. What the record is linked to now decides.
        if _link(deal_id) not in _rows(_answer(client, LIST, {"waitListId": record_id})):
            raise
    return True


def unlink(client: PortalClient, record_id: int, deal_id: int) -> None:
    """Takes back what `link` did. To be called while the record has customers: without any, a
    portal would fill it from a deal that it is still linked to."""
    links = _rows(_answer(client, LIST, {"waitListId": record_id}))
    _relink(client, record_id, links, [one for one in links if one != _link(deal_id)])


def unlink_all(client: PortalClient, record_id: int) -> None:
    """Takes a record off every deal; what else it is linked to stays."""
    links = _rows(_answer(client, LIST, {"waitListId": record_id}))
    _relink(client, record_id, links, [one for one in links if not _is_deal(one)])


def replacing(people: Customers, base: Customers, reader: CustomerReader) -> Customers:
    """The people instead of everybody on a record, but for those whom this user cannot see."""
    names = reader.read(base)
    return unique((*people, *(ref for ref in base if not names[ref].visible)))


def _relink(
    client: PortalClient, record_id: int, links: list[dict[str, str]], kept: list[dict[str, str]]
) -> None:
    if kept == links:
        return
    if kept:
        _answer(client, SET, {"waitListId": record_id, "externalData": kept})
    else:
        _answer(client, UNSET, {"waitListId": record_id})


def _answer(client: PortalClient, method: str, params: Mapping[str, Any]) -> Any:
    try:
        return client.call(method, params).result
    except PortalError as error:
        raise_known(error)
        raise


def _get(deal_id: int) -> Command:
    return Command("crm.item.get", {"entityTypeId": ENTITY_TYPE, "id": deal_id})


def _links(record_id: int) -> Command:
    return Command(LIST, {"waitListId": record_id})


def _link(deal_id: int) -> dict[str, str]:
    return {"moduleId": "crm", "entityTypeId": "DEAL", "value": str(deal_id)}


def _is_deal(link: Mapping[str, str]) -> bool:
    return link == _link(parse_id(link["value"]))


def _rows(result: Any) -> list[dict[str, str]]:
    """What a record is linked to, each as a portal wants it back."""
    rows = map(php_map, php_map(php_map(result).get("externalData")).values())
    return [{key: str(row.get(key, "")) for key in _link(0)} for row in rows]


def _shown(answer: BatchAnswer) -> Mapping[str, Any]:
    error = answer.errors.get("deal")
    if isinstance(error, NotPermitted) or (error and error.code == "NOT_FOUND"):
        raise DealNotShown from error
    return php_map(php_map(answer.result("deal")).get("item"))


def _people(item: Mapping[str, Any], answer: BatchAnswer) -> Customers:
    rows = [php_map(row) for row in php_map(answer.results.get("contacts")).values()]
    rows.sort(key=lambda row: (row.get("IS_PRIMARY") != "Y", parse_id(str(row.get("SORT")))))
    numbers = [parse_id(str(row.get("CONTACT_ID"))) for row in rows]
    if "contacts" in answer.errors:
        numbers = [parse_id(str(value)) for value in php_map(item.get("contactIds")).values()]
    refs = (
        *_refs(Kind.CONTACT, numbers),
        *_refs(Kind.COMPANY, [parse_id(str(item.get("companyId")))]),
    )
    return unique(refs)


def _refs(kind: Kind, numbers: Iterable[int]) -> Customers:
    return tuple(CustomerRef(kind, number) for number in numbers if number > 0)
