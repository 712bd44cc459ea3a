"""Makes a booking of a record, once.

The portal lets two bookings take the same time, books a record only once, and then messages its
customers. So the app stores what it is about to ask for. If two of its users want the same time,
one waits for the other. Then it reads what is booked, asks, and reads back whether another program
has booked the same time meanwhile. Source: CreateBookingFromWaitListItemCommandHandler.php and
OverlapPolicy.php of the portal's booking module.
"""

import time

from bitrix24.batch import BatchAnswer, Command
from bitrix24.ids import Id
from store.pending.writes import Kind, Write
from waitlist.booking.read import BookedRecord, overlaps_in
from waitlist.context import UserContext
from waitlist.errors import (
    RecordGone,
    RetryLater,
    TimePassed,
    TimeReserved,
    TimeTaken,
    known_errors,
)
from waitlist.models import Record, same_customers
from waitlist.pending_writes import PATIENCE, PAUSE, Claim
from waitlist.records.booking_outcomes import booking_clients, customers_in_rows, find_booking
from waitlist.records.read import record_commands, record_in
from waitlist.records.reconcile import claim_record, reconcile
from waitlist.sources.bookings import Appointment, ResourceRow, bookings_at, resource_row

_FIRST = "$result[0]"
"""The ID of the booking that the first command of the same batch has made."""


def book(
    context: UserContext, seen: Record, appointment: Appointment
) -> BookedRecord | Record | int:
    """Make a booking of a record that is still as `seen`; two HTTP requests.

    If the record differs, nothing is booked, and the record is returned as it is now. If it was
    booked before, the ID of that booking is returned. Raises WaitlistError or PortalError. The
    record still exists then, unless the error is OutcomeUnknown or RecordGone.
    """
    try:
        with claim_record(context, seen.id) as claim:
            _reserve(context, claim, seen, appointment)
            now, resources = _check(context, seen.id, appointment)
            if now.note != seen.note or not same_customers(now.customers, seen.customers):
                return now
            booked = _ask(context, claim, now, appointment, resources)
            context.bookings.note_booked(seen.id, booked.booking_id, context.user_id)
    except RecordGone:
        made = context.bookings.of_record(seen.id)
        if made is None or made.back_record:
            raise
        # The page need not show the outcome any more: this answer shows it.
        context.writes.dismiss(seen.id)
        return made.booking_id
    finally:
        context.next_bookings.forget(seen.customers)
    context.tracker.note_removed(seen.id)
    return booked


def _reserve(context: UserContext, claim: Claim, seen: Record, appointment: Appointment) -> None:
    """Store the booking once no request of a colleague may still take the same time.

    Raises TimeReserved while that is not known.
    """

    def clashes(other: Write) -> bool:
        return other.kind is Kind.BOOKING and Appointment.parse(other.after).overlaps(appointment)

    give_up = time.monotonic() + PATIENCE
    while other := claim.reserve(seen.customers, appointment.keys, clashes):
        if not other.in_flight:
            try:
                reconcile(context, other.record_id)
            except RetryLater as error:
                raise TimeReserved(error.retry_after) from error
        elif time.monotonic() > give_up:
            raise TimeReserved
        else:
            context.client.hold_place()
            time.sleep(PAUSE)


def _check(
    context: UserContext, record_id: int, appointment: Appointment
) -> tuple[Record, tuple[ResourceRow, ...]]:
    """Read the record, the resources, and what is booked; one HTTP request.

    Raises TimePassed, TimeTaken, RecordGone, CrmClosed or another error.
    """
    if appointment.span.start <= time.time():
        raise TimePassed
    booked, resources = bookings_at(appointment), list(map(resource_row, appointment.resource_ids))
    answer = context.customers.batch_if_open([*record_commands(record_id), booked, *resources])
    record = record_in(answer, record_id)
    with known_errors():
        if any(map(appointment.is_taken_by, answer[booked])):
            raise TimeTaken
        return record, tuple(answer[one] for one in resources)


def _ask(
    context: UserContext,
    claim: Claim,
    record: Record,
    appointment: Appointment,
    resources: tuple[ResourceRow, ...],
) -> BookedRecord:
    """Ask for the booking and read it back; one HTTP request. Look for it if no answer comes."""
    make = Command(
        "booking.v1.booking.createfromwaitlist",
        {"waitListId": record.id, "fields": appointment.fields},
        Id,
    )
    clients, around = booking_clients(_FIRST), bookings_at(appointment)

    def send() -> tuple[int, BatchAnswer]:
        with known_errors():
            answer = context.client.chain([make, clients, around])
            return answer[make], answer

    def find() -> tuple[int, BatchAnswer] | None:
        found = find_booking(context.client, record.id, record.customers, appointment)
        return (found.id, BatchAnswer({}, {})) if found else None

    booking_id, answer = claim.send_or_find(claim.sending(), send, find, RecordGone, watch=False)
    rows, others = answer.get(clients), answer.get(around)
    return BookedRecord(
        record_id=record.id,
        booking_id=booking_id,
        appointment=appointment,
        resources=resources,
        customers=record.customers if rows is None else customers_in_rows(rows),
        overlaps=overlaps_in(others or [], appointment, booking_id),
        is_checked=others is not None,
    )
