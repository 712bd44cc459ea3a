"""The portal's REST interface. Importing this package registers every method."""

from sandbox.rest import bindings, crm_items, crm_lookup, system, waitlist
from sandbox.rest.transport import handle

__all__ = ["bindings", "crm_items", "crm_lookup", "handle", "system", "waitlist"]
