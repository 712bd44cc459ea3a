"""The portal's REST interface. Importing this package registers every method."""

from sandbox.rest import bindings, system
from sandbox.rest.booking import bookings, waitlist
from sandbox.rest.crm import items, legacy_lists, lookup
from sandbox.rest.transport import handle

__all__ = [
    "bindings",
    "bookings",
    "handle",
    "items",
    "legacy_lists",
    "lookup",
    "system",
    "waitlist",
]
