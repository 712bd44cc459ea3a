"""Turn a waiting-list record into a booking, and a booking back into a record.

Sources: CreateBookingFromWaitListItemCommandHandler and CreateWaitListItemFromBookingCommandHandler
in booking/lib/Command. The order of the events is inferred from the portal's journal; the switch
`event_order` reverses it.
"""

from collections.abc import Callable
from functools import partial

from sandbox.core.booking.stored_clients import copy_rows
from sandbox.rest.booking.bookings import find_booking, parse_booking, store_booking
from sandbox.rest.booking.common import (
    announce,
    announce_record,
    find_record,
    read_id,
    require_feature,
)
from sandbox.rest.booking.waitlist import add_record
from sandbox.rest.call import Call, method

Step = Callable[[], None]


@method("booking.v1.booking.createfromwaitlist")
def create_from_waitlist(call: Call) -> int:
    """Turn a record into a booking with its clients, links and note.

    `fields` is refused as by booking.add. Every later refusal has the code 1038.
    """
    number, given = call.integer("waitListId"), call.array("fields")
    booking = parse_booking(call, given)
    record = find_record(call, number, "1038", "wait list item not found")
    overlapped = store_booking(call, booking, "1038", record)
    record.deleted = True
    steps: list[Step] = [partial(announce, call, "ONBOOKINGADD", booking.id)]
    steps += [partial(announce, call, "ONBOOKINGUPDATE", other.id) for other in overlapped]
    steps += [partial(announce_record, call, record, "createfromwaitlist", "DELETE")]
    _announce_all(call, steps)
    return booking.id


@method("booking.v1.waitlist.createfrombooking")
def create_from_booking(call: Call) -> int:
    """Turn a booking into a new record; its name, resources and period are lost."""
    number = read_id(call, "bookingId")
    require_feature(call, "booking", "booking_waitlist")
    booking = find_booking(call, number, "1037", "booking not found")
    record = add_record(call, booking.note)
    copy_rows(call.portal.state, booking, record)
    booking.deleted = True
    added = partial(announce_record, call, record, "createfrombooking", "ADD")
    _announce_all(call, [added, partial(announce, call, "ONBOOKINGDELETE", booking.id)])
    return record.id


def _announce_all(call: Call, steps: list[Step]) -> None:
    backwards = call.portal.hub.switches.event_order == "reversed"
    for step in reversed(steps) if backwards else steps:
        step()
