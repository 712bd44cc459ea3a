"""Tells customers that are hidden from a user from those that CRM no longer has."""

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from contextlib import suppress

from bitrix24.batch import Command
from bitrix24.client import PortalClient
from bitrix24.errors import NotPermitted, PortalError, Refused, Unwritable, unreadable_answer
from waitlist.customers.reader import ENTITY_TYPES
from waitlist.errors import UnknownCustomers
from waitlist.models import CustomerRef, CustomersByRef

NOT_FOUND = "NOT_FOUND"


def refuse_hidden(
    client: PortalClient, added: AbstractSet[CustomerRef], found: CustomersByRef
) -> None:
    """Raise UnknownCustomers if CRM does not show all customers that are to be added.

    Raises NoAnswer if it is not known whether CRM shows them.
    """
    if any(found[ref].unread for ref in added):
        raise unreadable_answer()
    hidden = sorted(ref for ref in added if not found[ref].visible)
    if not hidden:
        return
    gone: frozenset[CustomerRef] = frozenset()
    with suppress(PortalError):
        gone = find_gone(client, hidden)
    raise UnknownCustomers(hidden, gone)


def find_gone(client: PortalClient, refs: Collection[CustomerRef]) -> frozenset[CustomerRef]:
    """Return those customers that were deleted or merged with others. One HTTP request if any.

    A list of CRM leaves out both these and hidden ones. Asked for one by one, they differ: CRM
    answers NOT_FOUND or ACCESS_DENIED. Raises PortalError.
    """
    commands = {
        ref: Command("crm.item.get", {"entityTypeId": ENTITY_TYPES[ref.kind], "id": ref.id})
        for ref in refs
    }
    answer = client.read(commands.values())
    gone = set()
    for ref, command in commands.items():
        error = answer.errors.get(command)
        if isinstance(error, Refused) and error.code == NOT_FOUND:
            gone.add(ref)
        elif error and not isinstance(error, NotPermitted | Unwritable):
            raise error
    return frozenset(gone)
