"""The portal's REST API; importing this package registers all methods."""

# ruff: noqa: F401 - importing a module registers its methods

from sandbox.rest import event_methods, placements, system
from sandbox.rest.booking import booking_list, bookings, promote, waitlist
from sandbox.rest.booking.resources import resources, slots, types
from sandbox.rest.crm import activities, duplicates, imports, items, legacy_items, links
from sandbox.rest.transport import handle

__all__ = ["handle"]
