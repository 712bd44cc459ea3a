"""Reads a booking that was made of a record, as it is now."""

from dataclasses import dataclass

from waitlist.context import UserContext
from waitlist.errors import known_errors
from waitlist.models import CustomerRefs
from waitlist.records.booking_outcomes import booking_clients, customers_in_rows
from waitlist.sources.bookings import (
    Appointment,
    BookingRow,
    ResourceRow,
    booking_row,
    bookings_at,
    resource_row,
)


@dataclass(frozen=True, slots=True)
class BookedRecord:
    """A booking, and the other bookings that take a part of the same time.

    `record_id` is the record that it was, 0 if the app does not know. `customers` are those that
    the portal has put on it. `is_checked` is False when the other bookings could not be read.
    """

    record_id: int
    booking_id: int
    appointment: Appointment
    resources: tuple[ResourceRow, ...]
    customers: CustomerRefs
    overlaps: tuple[BookingRow, ...] = ()
    is_checked: bool = True


def read_booked(context: UserContext, booking_id: int) -> BookedRecord:
    """Read a booking in two HTTP requests. Raises BookingGone, another error or PortalError."""
    row, clients = booking_row(booking_id), booking_clients(booking_id)
    answer = context.client.batch([row, clients])
    with known_errors():
        booking, customers = answer[row], customers_in_rows(answer[clients])
    zone = booking.date_period.begin.timezone
    appointment = Appointment(tuple(booking.resource_ids), booking.span, zone)
    around, resources = bookings_at(appointment), list(map(resource_row, appointment.resource_ids))
    # A booking that has lost its resources overlaps no other one.
    answer = context.client.batch([around, *resources] if resources else [])
    made = context.bookings.of_booking(booking_id)
    return BookedRecord(
        record_id=made.record_id if made else 0,
        booking_id=booking_id,
        appointment=appointment,
        # A resource that is deleted keeps its bookings.
        resources=tuple(found for one in resources if (found := answer.get(one))),
        customers=customers,
        overlaps=overlaps_in(answer.get(around) or [], appointment, booking_id),
        is_checked=around in answer.results,
    )


def overlaps_in(
    rows: list[BookingRow], appointment: Appointment, booking_id: int
) -> tuple[BookingRow, ...]:
    """Return the other bookings that take a part of the time."""
    return tuple(row for row in rows if row.id != booking_id and appointment.is_taken_by(row))
