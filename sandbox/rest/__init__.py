"""The portal's REST API; importing this package registers all methods."""

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
