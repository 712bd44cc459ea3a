"""What can go wrong with a waiting list, beyond what `bitrix24.errors` tells of any call."""

from __future__ import annotations

from collections.abc import Iterable

from bitrix24.errors import PortalError, Refused
from waitlist.models import CustomerRef


class WaitlistError(Exception):
    """Base of the errors below. Unless said otherwise, nothing was changed."""


class RecordGone(WaitlistError):
    """The record was removed, or made into a booking."""


class UnknownCustomers(WaitlistError):
    """Customers to be added whom CRM does not show to this user. A portal would store them, and
    anybody who guesses ids could attach people."""

    def __init__(self, customers: Iterable[CustomerRef]) -> None:
        self.customers = tuple(customers)
        super().__init__(f"{len(self.customers)} customers not found in CRM")


class CustomerTypeMissing(WaitlistError):
    """This portal has never booked such a customer, so its booking module knows no type for it."""


class ToolDisabled(WaitlistError):
    """The portal's administrator has switched Online Booking off."""


class PlanMissing(WaitlistError):
    """The portal's plan does not include this part of Online Booking."""


class SaveFailed(WaitlistError):
    """The portal refused to save, twice; a second look showed the record unchanged."""


def raise_known(error: PortalError) -> None:
    """Raises what a booking method's refusal means, or returns when it has no special meaning.

    Code "0" has three meanings that only its English text tells apart. Source: Exception.php,
    BookingDisabled.php and the command handlers of the portal's booking module.
    """
    if not isinstance(error, Refused):
        return
    if error.code == "1040":
        raise RecordGone from error
    if error.code == "1025":
        raise CustomerTypeMissing from error
    if error.code == "0" and error.description.startswith("Booking tool is disabled"):
        raise ToolDisabled from error
    if error.code == "0" and "eature is not available" in error.description:
        raise PlanMissing from error
