"""What can go wrong with a waiting list, besides the errors of any portal call."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

from bitrix24.errors import PortalError, Refused
from waitlist.models import CustomerRef


class WaitlistError(Exception):
    """Base of the errors below. Nothing was changed unless the error says so."""


class RecordGone(WaitlistError):
    """The record was removed, or became a booking."""


class ForeignCustomers(WaitlistError):
    """The record has a client of another type. A save could not name it and would remove it."""


class UnknownCustomers(WaitlistError):
    """CRM does not show the user all customers that are to be added.

    A portal would attach any guessed ID. Those `gone` are in CRM no longer: they were deleted, or
    merged with others.
    """

    def __init__(
        self, customers: Iterable[CustomerRef], gone: Collection[CustomerRef] = ()
    ) -> None:
        self.customers = tuple(customers)
        self.gone = tuple(ref for ref in self.customers if ref in gone)
        super().__init__(f"{len(self.customers)} customers not found in CRM")


class NoteTooLong(WaitlistError):
    """The typed note is longer than the app takes."""


class CrmClosed(WaitlistError):
    """CRM shows this user no customer at all. The user may only read the waiting list."""


class NotShown(WaitlistError):
    """CRM does not show the user what they ask about, or it does not exist."""


class CustomerNotShown(NotShown):
    """CRM does not show the user a contact or a company."""


class DealNotShown(NotShown):
    """CRM does not show the user a deal."""


class CustomerTypeMissing(WaitlistError):
    """This portal has never booked such a customer. Its booking module has no type for it."""


class ToolDisabled(WaitlistError):
    """The portal's administrator has switched Online Booking off."""


class PlanMissing(WaitlistError):
    """The portal's plan does not include this part of Online Booking."""


class NewRecordsNotInPlan(PlanMissing):
    """The portal's plan includes Online Booking, but no new waiting-list records."""


class SaveFailed(WaitlistError):
    """The portal did not save the customers after several attempts.

    `now` are the customers on the record when it was last read, and `changed` says whether they
    differ from those before the save. If the portal did not even answer, that is the `__cause__`.
    """

    def __init__(self, now: Iterable[CustomerRef] = (), changed: bool = False) -> None:
        self.now = tuple(now)
        self.changed = changed
        super().__init__("the customers could not be saved")


class RetryLater(WaitlistError):
    """There will be more to know in `retry_after` seconds."""

    def __init__(self, retry_after: float = 30.0) -> None:
        super().__init__("not known yet")
        self.retry_after = retry_after


class OutcomeUnknown(RetryLater):
    """No answer came to a change, and it is not known yet whether it takes effect."""


class EarlierOutcomeUnknown(RetryLater):
    """Nothing was sent: a colleague's change of the same record may still take effect."""


class NotCreated(WaitlistError):
    """The portal could not create a record."""


class PerhapsCreated(RetryLater):
    """No answer came to creating a record: there may be one, with or without its customers.

    With `anyway` there is none yet, but one may still appear: the user may insist.
    """

    def __init__(self, retry_after: float = 30.0, *, anyway: bool = False) -> None:
        super().__init__(retry_after)
        self.anyway = anyway


class WrongAttempt(WaitlistError):
    """The form carries the idempotency key of a form of another kind. Nothing was changed."""


class CustomerInUse(WaitlistError):
    """The customer is on a record, so the card in CRM stays."""


class InProgress(WaitlistError):
    """Another request of the same form is still at work on it."""


class LeftEmpty(WaitlistError):
    """A record was created without its customers. Removing it failed, or others have filled it."""

    def __init__(self, record_id: int) -> None:
        self.record_id = record_id
        super().__init__(f"record {record_id} was left without its customers")


class NotRemoved(WaitlistError):
    """The portal could not remove a record."""


class NotBooked(WaitlistError):
    """The portal did not make a booking of a record, or no record of a booking."""


class TimeTaken(NotBooked):
    """A resource is booked at the chosen time."""


class TimePassed(NotBooked):
    """The chosen time has begun."""


class ResourceGone(NotBooked):
    """A chosen resource was deleted."""


class BookingGone(NotBooked):
    """The booking was deleted, or is a record again."""


class TimeReserved(RetryLater):
    """Nothing was sent: an unanswered booking of a colleague may still take the same time."""


class SeveralNotInPlan(PlanMissing):
    """The portal's plan books one resource at a time."""


class OnlyNoteSaved(WaitlistError):
    """The note was saved. The customers were not, for the reason that is the `__cause__`."""


FAILURES: dict[str, type[WaitlistError]] = {
    "1025": CustomerTypeMissing,
    "1034": NotCreated,
    "1036": NotRemoved,
    "1037": BookingGone,
    "1021": BookingGone,
    "1009": ResourceGone,
}
BOOKING_REFUSED = "1038"
BOOKING_REFUSALS: dict[str, type[WaitlistError]] = {
    "wait list item not found": RecordGone,
    "Some resources were not found": ResourceGone,
    "Some resources are unavailable": TimeTaken,
}
"""The meanings of BOOKING_REFUSED, by the beginning of the portal's description (English). Source:
CreateBookingFromWaitListItemCommandHandler.php of the portal's booking module."""


def raise_known(error: PortalError, *, adding: bool = False) -> None:
    """Raise the WaitlistError that a booking method's refusal stands for.

    Returns when the refusal has no special meaning. `adding` says that a record was to be created,
    which needs more of a plan than changing one.

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
    if error.code == BOOKING_REFUSED:
        raise _booking_refusal(error.description) from error
    if error.code == "0" and error.description.startswith("Booking tool is disabled"):
        raise ToolDisabled from error
    if error.code == "0" and error.description.startswith("Multi-resource"):
        raise SeveralNotInPlan from error
    if error.code == "0" and "eature is not available" in error.description:
        raise (NewRecordsNotInPlan if adding else PlanMissing) from error


def _booking_refusal(description: str) -> WaitlistError:
    for beginning, kind in BOOKING_REFUSALS.items():
        if description.startswith(beginning):
            return kind()
    return NotBooked()


@contextmanager
def known_errors(*, adding: bool = False) -> Iterator[None]:
    """Raise the WaitlistError that a refusal inside the block stands for, if any."""
    try:
        yield
    except PortalError as error:
        raise_known(error, adding=adding)
        raise
