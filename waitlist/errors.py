"""What can go wrong with a waiting list, beyond what `bitrix24.errors` tells of any call."""

from __future__ import annotations

from collections.abc import Iterable

from bitrix24.errors import PortalError, Refused
from waitlist.models import CustomerRef


class WaitlistError(Exception):
    """Base of the errors below. Unless said otherwise, nothing was changed."""


class RecordGone(WaitlistError):
    """The record was removed, or made into a booking."""


class ForeignCustomers(WaitlistError):
    """Somebody on the record is no contact and no company. The app could not name them when it
    saves, and a portal takes off whoever is not named."""


class UnknownCustomers(WaitlistError):
    """Customers to be added whom CRM does not show to this user. A portal would store them, and
    anybody who guesses ids could attach people."""

    def __init__(self, customers: Iterable[CustomerRef]) -> None:
        self.customers = tuple(customers)
        super().__init__(f"{len(self.customers)} customers not found in CRM")


class NoteTooLong(WaitlistError):
    """Somebody has typed a longer note than the app takes."""


class CrmClosed(WaitlistError):
    """CRM shows this user nobody at all, so the waiting list is theirs to read only: a portal would
    let them change it, without seeing whom."""


class NotShown(WaitlistError):
    """CRM does not show the user what they ask about, or it is not there."""


class CustomerNotShown(NotShown):
    """A contact or a company."""


class DealNotShown(NotShown):
    """A deal."""


class CustomerTypeMissing(WaitlistError):
    """This portal has never booked such a customer, so its booking module knows no type for it."""


class ToolDisabled(WaitlistError):
    """The portal's administrator has switched Online Booking off."""


class PlanMissing(WaitlistError):
    """The portal's plan does not include this part of Online Booking."""


class NewRecordsNotInPlan(PlanMissing):
    """The portal's plan has Online Booking, but no new waiting-list records."""


class SaveFailed(WaitlistError):
    """The portal did not save the customers, again and again; where it did not even answer, that
    is the `__cause__`. `now` is whom the record holds
    by the last look, `changed` whether that is not what it held before."""

    def __init__(self, now: Iterable[CustomerRef] = (), changed: bool = False) -> None:
        self.now = tuple(now)
        self.changed = changed
        super().__init__("the customers could not be saved")


class OutcomeUnknown(WaitlistError):
    """No answer came to a change, nor to the question what has become of it."""


class NotCreated(WaitlistError):
    """The portal could not make a record."""


class PerhapsCreated(WaitlistError):
    """A record was to be made and no answer came. There may be one now, with its customers or
    without: making it again could make a second one."""


class UnderWay(WaitlistError):
    """Another request of the same form is still at work on it."""


class LeftEmpty(WaitlistError):
    """A record was made, but its customers could not be saved. It was not taken away again: that
    failed too, or somebody else has put theirs on it already."""

    def __init__(self, record_id: int) -> None:
        self.record_id = record_id
        super().__init__(f"record {record_id} was left without its customers")


class NotRemoved(WaitlistError):
    """The portal could not remove a record."""


class OnlyNoteSaved(WaitlistError):
    """The note was saved, the customers were not, for the reason that is its `__cause__`."""


FAILURES: dict[str, type[WaitlistError]] = {
    "1025": CustomerTypeMissing,
    "1034": NotCreated,
    "1036": NotRemoved,
}


def raise_known(error: PortalError, *, adding: bool = False) -> None:
    """Raises what a booking method's refusal means, or returns when it has no special meaning.
    `adding` says that a record was to be made, which needs more of a plan than changing one.

    Code "0" has three meanings that only its English text tells apart. Source: Exception.php,
    BookingDisabled.php and the command handlers of the portal's booking module.
    """
    if not isinstance(error, Refused):
        return
    gone = error.code == "1036" and "not found" in error.description
    if error.code == "1040" or gone:
        raise RecordGone from error
    if error.code in FAILURES:
        raise FAILURES[error.code] from error
    if error.code == "0" and error.description.startswith("Booking tool is disabled"):
        raise ToolDisabled from error
    if error.code == "0" and "eature is not available" in error.description:
        raise (NewRecordsNotInPlan if adding else PlanMissing) from error
