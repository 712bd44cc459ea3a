"""The client rows of records and bookings: primary client, adding, filling."""

from collections.abc import Iterable, Sequence
from typing import Any

from sandbox.core import php
from sandbox.core.model import ClientOwner, ClientRow, ClientType, CrmItem, ExternalRow, PortalState


def mark_primary(clients: list[ClientRow]) -> None:
    """Make the first contact, or else the first client, the primary client."""
    first = next((row for row in clients if row.code == "CONTACT"), clients[0] if clients else None)
    for row in clients:
        row.primary = row is first


def add_rows(state: PortalState, item: ClientOwner, clients: Iterable[Sequence[Any]]) -> None:
    """Add clients as the portal's own screen does; `clients` is [["CONTACT", 12], …]."""
    for code, number in clients:
        if all((row.code, row.id) != (code, number) for row in item.clients):
            row = ClientRow(state.next_id("row"), "crm", str(code), int(number))
            item.clients.append(row)
            # The portal adds a client type when it first links such a client.
            if all(
                (kind.module, kind.code) != (row.module, row.code) for kind in state.client_types
            ):
                state.client_types.append(ClientType(row.module, row.code))
    mark_primary(item.clients)


def copy_rows(state: PortalState, source: ClientOwner, target: ClientOwner) -> None:
    """Copy clients in their order and links; without clients those of the deal come."""
    target.clients = [
        ClientRow(state.next_id("row"), row.module, row.code, row.id) for row in source.clients
    ]
    mark_primary(target.clients)
    target.external = list(source.external)
    if not target.clients:
        fill_from_deal(state, target)


def deal_id(link: ExternalRow) -> int:
    """Return the id of the linked deal, or 0: a portal takes any text as a value."""
    named = (link.module_id, link.entity_type_id) == ("crm", "DEAL") and link.value.isdecimal()
    return php.to_int(link.value) if named else 0


def show_links(links: Iterable[ExternalRow]) -> list[dict[str, str]]:
    """Return links as a portal shows them."""
    return [
        {"entityTypeId": row.entity_type_id, "moduleId": row.module_id, "value": row.value}
        for row in links
    ]


def fill_from_deal(state: PortalState, item: ClientOwner) -> None:
    """Add the clients of the linked deals: the contacts of each, then its company."""
    for link in item.external:
        deal = state.deals.get(deal_id(link))
        if deal is None:
            continue
        add_rows(state, item, [("CONTACT", n) for n in deal.fields.get("contactIds", [])])
        if deal.fields.get("companyId"):
            add_rows(state, item, [("COMPANY", deal.fields["companyId"])])


def give_to_deals(item: ClientOwner, deals: dict[int, CrmItem]) -> None:
    """Set the clients as those of each linked deal that has no contact, or no company."""
    numbers: dict[str, list[int]] = {"CONTACT": [], "COMPANY": []}
    for row in item.clients:
        numbers.setdefault(row.code, []).append(row.id)
    for deal in filter(None, (deals.get(deal_id(link)) for link in item.external)):
        if numbers["CONTACT"] and not deal.fields.get("contactIds"):
            deal.fields["contactIds"] = numbers["CONTACT"]
            deal.fields["contactId"] = numbers["CONTACT"][0]
        if numbers["COMPANY"] and not deal.fields.get("companyId"):
            deal.fields["companyId"] = numbers["COMPANY"][0]
