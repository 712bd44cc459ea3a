"""The portal's REST API; importing this package registers all methods."""

from sandbox.rest import bindings, system
from sandbox.rest.booking import booking_list, bookings, promote, waitlist
from sandbox.rest.booking.resources import resources, slots, types
from sandbox.rest.crm import items, legacy_lists, lookup
from sandbox.rest.transport import handle

__all__ = [
    "bindings",
    "booking_list",
    "bookings",
    "handle",
    "items",
    "legacy_lists",
    "lookup",
    "promote",
    "resources",
    "slots",
    "system",
    "types",
    "waitlist",
]
