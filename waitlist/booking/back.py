"""Makes a waiting-list record of a booking again, once.

The record gets another ID, and the booking's name, resources and time are lost. Customers, note and
links come along, with the deal that was made for the booking. Source:
CreateWaitListItemFromBookingCommandHandler.php of the portal's booking module.
"""

from bitrix24.batch import Command
from bitrix24.ids import Id
from waitlist.context import UserContext
from waitlist.errors import BookingGone, known_errors
from waitlist.models import CustomerRefs
from waitlist.pending_writes import Claim
from waitlist.records.booking_outcomes import booking_clients, customers_in_rows, find_moved_back
from waitlist.records.reconcile import claim_record
from waitlist.sources.bookings import booking_row


def move_back(context: UserContext, booking_id: int) -> int:
    """Make a record of a booking, and return its ID; two HTTP requests.

    If the booking became a record before, the ID of that record is returned. Raises BookingGone,
    another WaitlistError or PortalError. The booking still exists then, unless the error is
    OutcomeUnknown.
    """
    try:
        with claim_record(context, -booking_id) as claim:
            customers = _check(context, booking_id)
            try:
                record_id = _ask(context, claim, booking_id, customers)
            finally:
                context.next_bookings.forget(customers)
            context.bookings.note_moved_back(booking_id, record_id)
    except BookingGone:
        made = context.bookings.of_booking(booking_id)
        if made is None or not made.back_record:
            raise
        context.writes.dismiss(-booking_id)
        return made.back_record
    return record_id


def _check(context: UserContext, booking_id: int) -> CustomerRefs:
    """Read the booking's customers. Raises BookingGone, CrmClosed or another error."""
    row, clients = booking_row(booking_id), booking_clients(booking_id)
    answer = context.customers.batch_if_open([row, clients])
    with known_errors():
        # Raises BookingGone if it is not there.
        answer[row]
        return customers_in_rows(answer[clients])


def _ask(context: UserContext, claim: Claim, booking_id: int, customers: CustomerRefs) -> int:
    """Ask for the record; one HTTP request. Look for it if no answer comes."""
    back = Command("booking.v1.waitlist.createfrombooking", {"bookingId": booking_id}, Id)
    newest = context.tracker.newest()

    def send() -> int:
        with known_errors(adding=True):
            return context.client.call(back)

    def find() -> int | None:
        return find_moved_back(context.client, booking_id, newest, customers)

    return claim.send_or_find(
        claim.move_back_intent(newest, customers), send, find, BookingGone, watch=False
    )
