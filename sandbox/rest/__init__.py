"""The portal's REST interface. Importing this package registers every method."""

from sandbox.rest import (
    bindings,
    bookings,
    crm_items,
    crm_legacy,
    crm_lookup,
    system,
    waitlist,
)
from sandbox.rest.transport import handle

__all__ = [
    "bindings",
    "bookings",
    "crm_items",
    "crm_legacy",
    "crm_lookup",
    "handle",
    "system",
    "waitlist",
]
