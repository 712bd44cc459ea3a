"""Finds the results of unanswered calls: bookings that were made, and those that go back.

Neither call can be repeated: the portal would not find the record, or the booking, any more. So a
call without an answer is only looked for.
"""

from dataclasses import replace

from bitrix24.batch import Command
from bitrix24.client import PortalClient
from bitrix24.lists import read_lists
from store.pending.writes import State, Write
from waitlist.context import UserContext
from waitlist.errors import BookingGone, ForeignCustomers, RecordGone, known_errors
from waitlist.models import CustomerRefs, customer_ref, refs_of
from waitlist.pending_writes import FIRST_CHECK
from waitlist.records.edit import unique
from waitlist.records.read import ClientRow, client_list, customers_of, read_record
from waitlist.sources.bookings import Appointment, BookingRow, booking_row, bookings_at
from waitlist.sources.record_list import record_list

CANDIDATES = 20
"""New records that may have come of a booking: more than appear before an answer does."""


def booking_clients(booking_id: int | str) -> Command[list[ClientRow]]:
    """Return the call for the customers of a booking, or of a reference to one."""
    params = {"bookingId": booking_id}
    return Command("booking.v1.booking.client.list", params, list[ClientRow], key="bookingClient")


def customers_in_rows(rows: list[ClientRow]) -> CustomerRefs:
    """Return the contacts and companies among a booking's clients, in their order."""
    refs = (customer_ref(row.type.code, row.id) for row in rows)
    return unique(tuple(ref for ref in refs if ref))


def find_booking(
    client: PortalClient, record_id: int, customers: CustomerRefs, appointment: Appointment
) -> BookingRow | None:
    """Return the booking that a record has become, or None while it is a record.

    One to three HTTP requests. Raises RecordGone if it is neither, or PortalError.
    """
    try:
        read_record(client, record_id)
    except RecordGone:
        rows = [row for row in client.call(bookings_at(appointment)) if appointment.is_made_by(row)]
        lists = {row.id: booking_clients(row.id) for row in rows}
        answer = client.batch(lists.values())
        for row in rows:
            there = customers_in_rows(answer.get(lists[row.id]) or [])
            # An empty record that is linked to a deal gets the customers of the deal.
            if not customers or set(there) == set(customers):
                return row
        raise
    except ForeignCustomers:
        return None
    return None


def find_moved_back(
    client: PortalClient, booking_id: int, newest: int, customers: CustomerRefs
) -> int | None:
    """Return the record that a booking has become, or None while it is one.

    It is later than the `newest` record before. One to three HTTP requests. Raises BookingGone if
    it is neither, or PortalError.
    """
    try:
        with known_errors():
            client.call(booking_row(booking_id))
    except BookingGone:
        everything = record_list()
        with known_errors():
            rows = read_lists(client, [everything])[everything].rows
        later = sorted(number for number in rows if number > newest)[:CANDIDATES]
        there = customers_of(client.read(map(client_list, later)), later).customers
        for number, refs in there.items():
            if set(refs) == set(customers):
                return number
        raise
    return None


def reconcile_booking(context: UserContext, write: Write, *, over: bool) -> bool:
    """Look for a booking that was asked for. Return whether its outcome is known.

    Raises PortalError or WaitlistError.
    """
    appointment = Appointment.parse(write.after)
    try:
        found = find_booking(context.client, write.record_id, refs_of(write.before), appointment)
    except RecordGone:
        context.tracker.note_removed(write.record_id)
        context.writes.close(write, None, State.UNCLEAR)
        return True
    if found:
        context.bookings.note_booked(write.record_id, found.id, write.user_id)
        context.tracker.note_removed(write.record_id)
    return _close(context, write, found=found is not None, over=over)


def reconcile_move_back(context: UserContext, write: Write, *, over: bool) -> bool:
    """Look for a record that was to come of a booking. Return whether its outcome is known.

    Raises PortalError or WaitlistError.
    """
    booking_id, newest = -write.record_id, int(write.before[0])
    try:
        found = find_moved_back(context.client, booking_id, newest, refs_of(write.after))
    except BookingGone:
        context.writes.close(write, None, State.UNCLEAR)
        return True
    if found:
        context.bookings.note_moved_back(booking_id, found)
        context.tracker.note_saved(read_record(context.client, found))
    return _close(context, write, found=found is not None, over=over)


def _close(context: UserContext, write: Write, *, found: bool, over: bool) -> bool:
    if found or over:
        context.writes.close(write, None, State.FOUND if found else State.FAILED)
        return True
    checks = write.checks + (write.asked.age() >= FIRST_CHECK)
    context.writes.save_check(replace(write, checks=checks))
    return False
