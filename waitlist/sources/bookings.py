"""The portal's bookings and resources: the calls that read them, and the shapes of the answers.

Working hours are only what the portal's own pages offer: no method refuses a booking outside of
them. Source: booking/lib/Rest/V1/View/Entity and Controller of the portal's booking module.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import Struct, field

from bitrix24.batch import Command
from bitrix24.ids import Id, LenientId
from bitrix24.lists import ListCommand

ON = "Y"
YEAR = 366 * 24 * 3600
BOOKING_PAGES = 5
"""250 bookings in the first request."""


class Moment(Struct, frozen=True):
    """A begin or an end: seconds since 1970, and the zone in which it was chosen."""

    timestamp: int = 0
    timezone: str = ""


class Period(Struct, frozen=True):
    """The time of a booking; its end does not belong to it."""

    begin: Moment = field(name="from", default=Moment())
    end: Moment = field(name="to", default=Moment())


class BookingRow(Struct, frozen=True, rename="camel"):
    """A booking in an answer of `booking.v1.booking.*`. Another call lists its clients."""

    id: Id
    resource_ids: list[LenientId] = field(default_factory=list)
    date_period: Period = Period()

    @property
    def span(self) -> Span:
        return Span(self.date_period.begin.timestamp, self.date_period.end.timestamp)


class ResourceRow(Struct, frozen=True, rename="camel"):
    """A resource, and which messages Bitrix24 sends to the customers of its bookings."""

    id: Id
    name: str = ""
    is_info_notification_on: str = ""
    is_confirmation_notification_on: str = ""
    is_reminder_notification_on: str = ""
    is_delayed_notification_on: str = ""
    is_feedback_notification_on: str = ""


class SlotRow(Struct, frozen=True, rename="camel"):
    """Working hours of a resource, in minutes of the day: 540 is 9:00."""

    begin: int = field(name="from", default=0)
    end: int = field(name="to", default=0)
    timezone: str = ""
    week_days: list[str] = field(default_factory=list)
    slot_size: int = 0


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A time in seconds since 1970. Its end does not belong to it."""

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Appointment:
    """A booking to be made: the resources, the time, and the zone in which it was chosen."""

    resource_ids: tuple[int, ...]
    span: Span
    zone: str

    def overlaps(self, other: Appointment) -> bool:
        """Return whether the two cannot both be booked."""
        return self.span.overlaps(other.span) and self.shares_resource(other.resource_ids)

    def shares_resource(self, resource_ids: Sequence[int]) -> bool:
        return not set(self.resource_ids).isdisjoint(resource_ids)

    def is_taken_by(self, booking: BookingRow) -> bool:
        return self.span.overlaps(booking.span) and self.shares_resource(booking.resource_ids)

    def is_made_by(self, booking: BookingRow) -> bool:
        """Return whether a booking is at exactly this time and with these resources."""
        return self.span == booking.span and set(self.resource_ids) == set(booking.resource_ids)

    @property
    def fields(self) -> dict[str, Any]:
        """Return the appointment as the portal expects it."""
        begin, end = self.span.start, self.span.end
        return {
            "resourceIds": list(self.resource_ids),
            "datePeriod": {
                "from": {"timestamp": begin, "timezone": self.zone},
                "to": {"timestamp": end, "timezone": self.zone},
            },
        }

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the appointment as the table of writes stores it."""
        return (str(self.span.start), str(self.span.end), self.zone, *map(str, self.resource_ids))

    @classmethod
    def parse(cls, keys: Sequence[str]) -> Appointment:
        """Return the appointment with these `keys`."""
        start, end, zone, *resources = keys
        return cls(tuple(map(int, resources)), Span(int(start), int(end)), zone)


def resource_list() -> ListCommand[ResourceRow]:
    return ListCommand(
        "booking.v1.resource.list", "resource", {"order": {"id": "ASC"}}, row=ResourceRow
    )


def resource_row(resource_id: int) -> Command[ResourceRow]:
    return Command("booking.v1.resource.get", {"id": resource_id}, ResourceRow, key="resource")


def slot_list(resource_id: int) -> Command[list[SlotRow]]:
    """Return the call that reads the working hours of a resource."""
    params = {"resourceId": resource_id}
    return Command("booking.v1.resource.slots.list", params, list[SlotRow], key="slots")


def bookings_within(span: Span) -> ListCommand[BookingRow]:
    """Return the list of all bookings that overlap this time."""
    within = {"within": {"dateFrom": span.start, "dateTo": span.end}}
    params = {"filter": within, "order": {"id": "ASC"}}
    return ListCommand(
        "booking.v1.booking.list", "booking", params, row=BookingRow, pages=BOOKING_PAGES
    )


def bookings_at(appointment: Appointment) -> Command[list[BookingRow]]:
    """Return the call that reads the latest 50 bookings in the way of an appointment."""
    within = {"dateFrom": appointment.span.start, "dateTo": appointment.span.end}
    params = {
        "filter": {"resourceId": list(appointment.resource_ids), "within": within},
        "order": {"id": "DESC"},
    }
    return Command("booking.v1.booking.list", params, list[BookingRow], key="booking")


def coming_bookings(code: str, customer_id: int, now: int) -> Command[list[BookingRow]]:
    """Return the call that reads a customer's next 50 bookings of the coming year."""
    client = {"entities": [{"module": "crm", "code": code, "id": customer_id}]}
    params = {
        "filter": {"client": client, "within": {"dateFrom": now, "dateTo": now + YEAR}},
        "order": {"dateFrom": "ASC"},
    }
    return Command("booking.v1.booking.list", params, list[BookingRow], key="booking")


def first_upcoming(bookings: Iterable[BookingRow], now: int) -> Moment | None:
    """Return the begin of the first booking that is still to come, within a year."""
    begins = (row.date_period.begin for row in bookings)
    coming = (one for one in begins if now < one.timestamp < now + YEAR)
    return min(coming, key=lambda one: one.timestamp, default=None)


def booking_row(booking_id: int) -> Command[BookingRow]:
    return Command("booking.v1.booking.get", {"id": booking_id}, BookingRow, key="booking")
