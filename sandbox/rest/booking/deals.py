"""The deal that a portal creates for each new booking.

Source: DealForBookingService and Integration/Crm/DealService in booking/lib/Internals.
"""

from typing import Any

from sandbox.core.model import DEAL, Booking, ExternalRow
from sandbox.rest.call import Call
from sandbox.rest.crm.fields import is_crm_closed
from sandbox.rest.crm.writing import add_item


def create_deal(call: Call, booking: Booking) -> None:
    """Create and link a deal with the primary client, unless one is linked already.

    Skipped without a word when the user may not add deals.
    """
    linked = any((row.module_id, row.entity_type_id) == ("crm", "DEAL") for row in booking.external)
    if linked or not call.user.crm_add or is_crm_closed(call):
        return
    fields: dict[str, Any] = {"sourceId": "BOOKING", "typeId": "SERVICES", "stageId": "NEW"}
    primary = next((row for row in booking.clients if row.primary), None)
    if primary and primary.code in ("CONTACT", "COMPANY"):
        fields[f"{primary.code.lower()}Id"] = primary.id
    deal = add_item(call.portal, DEAL, call.user.id, fields, checked=False)
    booking.external.append(ExternalRow("crm", "DEAL", str(deal.id)))
