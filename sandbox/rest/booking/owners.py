"""client.* and externalData.*: the same methods for records and bookings.

`OwnerMethods` holds what differs between them. The order of the checks is the portal's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sandbox.core import php
from sandbox.core.booking.stored_clients import deal_id, fill_from_deal, give_to_deals, show_links
from sandbox.core.model import Booking, ExternalRow, Record
from sandbox.rest.booking import clients
from sandbox.rest.booking.common import list_reply, object_rows, read_id, require_tool
from sandbox.rest.call import Call, Page, method

T = TypeVar("T", Record, Booking)


@dataclass(frozen=True)
class OwnerMethods(Generic[T]):
    prefix: str  # of the method names, e.g. "booking.v1.waitlist"
    id_parameter: str  # e.g. "waitListId"
    clients_key: str  # in the reply of client.list
    duplicate_code: str  # the error when a client is given twice
    find: Callable[[Call, int], T]  # raises RestError if there is none
    check_write: Callable[[Call, T], None]  # raises RestError if a write is refused
    announce: Callable[[Call, T, str], None]  # called after each write with its name
    gives_to_deal: bool = False  # a deal without customers gets the first clients


def register_methods(owner: OwnerMethods[T]) -> None:
    _register_clients(owner)
    _register_external_data(owner)


def _register_clients(owner: OwnerMethods[T]) -> None:
    @method(f"{owner.prefix}.client.list")
    def client_list(call: Call) -> Page:
        rows = clients.serialize(owner.find(call, read_id(call, owner.id_parameter)).clients)
        return list_reply(call, owner.clients_key, rows)

    @method(f"{owner.prefix}.client.set")
    def client_set(call: Call) -> bool:
        number, given = call.integer(owner.id_parameter), call.array("clients")
        return replace(call, number, clients.parse(given), "client.set")

    @method(f"{owner.prefix}.client.unset")
    def client_unset(call: Call) -> bool:
        return replace(call, call.integer(owner.id_parameter), [], "client.unset")

    def replace(call: Call, number: int, parsed: clients.Parsed, action: str) -> bool:
        require_tool(call)
        item = owner.find(call, number)
        wanted = clients.resolve_types(call, parsed)
        owner.check_write(call, item)
        clients.apply_colleague_edit(call, item)
        had_clients = bool(item.clients)
        if had_clients or wanted:
            clients.replace(call, item, wanted, owner.duplicate_code)
        else:
            fill_from_deal(call.portal.state, item)
        if owner.gives_to_deal and not had_clients:
            give_to_deals(item, call.portal.state.deals)
        owner.announce(call, item, action)
        return True


def _register_external_data(owner: OwnerMethods[T]) -> None:
    @method(f"{owner.prefix}.externalData.list")
    def external_list(call: Call) -> Page:
        rows = show_links(owner.find(call, read_id(call, owner.id_parameter)).external)
        return list_reply(call, "externalData", rows)

    @method(f"{owner.prefix}.externalData.set")
    def external_set(call: Call) -> bool:
        number, given = call.integer(owner.id_parameter), call.array("externalData")
        return replace(call, number, _parse_external(given), "externalData.set")

    @method(f"{owner.prefix}.externalData.unset")
    def external_unset(call: Call) -> bool:
        return replace(call, call.integer(owner.id_parameter), [], "externalData.unset")

    def replace(call: Call, number: int, rows: list[ExternalRow], action: str) -> bool:
        require_tool(call)
        item = owner.find(call, number)
        owner.check_write(call, item)
        earlier, item.external = item.external, rows
        if not item.clients:
            fill_from_deal(call.portal.state, item)
        if owner.gives_to_deal and {deal_id(row) for row in rows} - {deal_id(r) for r in earlier}:
            give_to_deals(item, call.portal.state.deals)
        owner.announce(call, item, action)
        return True


def _parse_external(given: Any) -> list[ExternalRow]:
    names = ("moduleId", "entityTypeId", "value")
    rows = object_rows(given, *names)
    return [ExternalRow(*(php.to_text(row[name]) for name in names)) for row in rows]
