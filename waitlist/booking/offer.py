"""What a record can be booked into: the free times of all resources, and what goes along."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from bitrix24.errors import PortalError
from bitrix24.lists import read_lists
from waitlist.booking.free_times import Day, Hours, Place, days_of, portal_zone, with_place
from waitlist.booking.note_wishes import NoteWishes, fits, read_wishes
from waitlist.context import UserContext
from waitlist.customers.reader import customer_commands
from waitlist.errors import known_errors
from waitlist.models import CustomersByRef, Record
from waitlist.records.read import record_commands, record_in, with_mirrored_age
from waitlist.sources.bookings import (
    Appointment,
    BookingRow,
    ResourceRow,
    SlotRow,
    Span,
    bookings_within,
    resource_list,
    slot_list,
)
from waitlist.sources.crm_mirror import activity_of_record
from waitlist.sources.links import link_list

DAYS = 14
"""Days that are read together."""
MARGIN = timedelta(days=2)
"""Read around the days, because the portal's zone is known only after its resources."""
FARTHEST = timedelta(days=366)
RESOURCE_NOT_FOUND = "1009"


@dataclass(frozen=True, slots=True)
class Offer:
    """The free times for a record, from the day `first` on, by the clock of `zone`.

    `keeps_deal` says that the record is linked to a deal; None if that could not be read.
    """

    record: Record
    customers: CustomersByRef
    keeps_deal: bool | None
    resources: tuple[ResourceRow, ...]
    days: tuple[Day, ...]
    wishes: NoteWishes
    first: date
    today: date
    zone: tzinfo

    def has_free(self, appointment: Appointment) -> bool:
        places = (
            place for day in self.days for place in day.places if place.span == appointment.span
        )
        return set(appointment.resource_ids) <= {one.resource_id for one in places if one.free}

    def fitting(self) -> tuple[Place, ...]:
        """Return the free times that fit the note, earliest first. Empty without a wish."""
        if not self.wishes:
            return ()
        free = (place for day in self.days for place in day.places if place.free)
        return tuple(place for place in free if self._fits(place))

    def _fits(self, place: Place) -> bool:
        start, end = (
            datetime.fromtimestamp(one, self.zone) for one in (place.span.start, place.span.end)
        )
        return fits(self.wishes, place.resource_id, start, end) is not None


def read_offer(
    context: UserContext,
    record_id: int,
    first: date | None = None,
    appointment: Appointment | None = None,
) -> Offer:
    """Read the free times from a day on, today's by default; three HTTP requests.

    The time of an `appointment` is among them, if it can be booked. Raises WaitlistError or
    PortalError.
    """
    client = context.client
    links, mirror = link_list(record_id), activity_of_record(record_id)
    answer = context.customers.batch_if_open([*record_commands(record_id), links, mirror])
    record = with_mirrored_age(record_in(answer, record_id), answer, context.today)
    linked = answer.get(links)
    now = datetime.now(UTC)
    near = _within(first or context.today, context.today)
    resources, bookings = _read_lists(context, near)
    context.resources.note(resources)
    slots = {one.id: slot_list(one.id) for one in resources}
    uncached = context.customers.uncached(record.customers)
    answer = client.read([*slots.values(), *customer_commands(uncached)])
    context.customers.take(uncached, answer)
    hours = {
        one: tuple(map(_hours, answer[command]))
        for one, command in slots.items()
        if not _is_gone(answer.errors.get(command))
    }
    zone = portal_zone((one.zone for every in hours.values() for one in every), client.zone(), now)
    today = now.astimezone(zone).date()
    begin = max(near, today) if first else today
    booked = _by_resource(bookings)
    days = days_of(
        ((one, of, booked.get(one, ())) for one, of in hours.items()),
        begin,
        DAYS,
        zone,
        int(now.timestamp()),
    )
    if appointment and hours.keys() >= set(appointment.resource_ids):
        days = with_place(days, appointment, bookings, zone, int(now.timestamp()))
    return Offer(
        record=record,
        customers=context.customers.read(record.customers),
        keeps_deal=None if linked is None else any(one.is_deal for one in linked),
        resources=resources,
        days=days,
        wishes=read_wishes(record.note, {row.id: row.name for row in resources}),
        first=begin,
        today=today,
        zone=zone,
    )


def _is_gone(error: PortalError | None) -> bool:
    """Return whether a resource was deleted after the list was read."""
    return error is not None and error.code == RESOURCE_NOT_FOUND


def _within(wanted: date, today: date) -> date:
    """Return a day that can be asked about: neither long ago nor far ahead."""
    return min(max(wanted, today - MARGIN), today + FARTHEST)


def _read_lists(
    context: UserContext, first: date
) -> tuple[tuple[ResourceRow, ...], tuple[BookingRow, ...]]:
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    span = Span(
        int((begin - MARGIN).timestamp()), int((begin + timedelta(days=DAYS) + MARGIN).timestamp())
    )
    wanted_resources, wanted_bookings = resource_list(), bookings_within(span)
    with known_errors():
        read = read_lists(context.client, [wanted_resources, wanted_bookings])
    return tuple(read[wanted_resources].rows.values()), tuple(read[wanted_bookings].rows.values())


def _by_resource(bookings: Iterable[BookingRow]) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = {}
    for booking in bookings:
        for resource_id in booking.resource_ids:
            found.setdefault(resource_id, []).append(booking.span)
    return found


def _hours(row: SlotRow) -> Hours:
    return Hours(row.begin, row.end, row.timezone, frozenset(row.week_days), row.slot_size)
