"""Resources with working hours, and a week of bookings from today on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from sandbox.core.booking.model import WEEK_DAYS, Resource, ResourceType, Slot
from sandbox.core.booking.stored_clients import add_rows
from sandbox.core.booking.zones import name_offset
from sandbox.core.model import Booking, PortalState

_DAYS = 7
_TYPES = (("room", "Rooms"), ("specialist", "Specialists"), ("equipment", "Equipment"))
_NAMES = ("Check-up", "First visit", None, "Follow-up", None, "Consultation")


@dataclass(frozen=True)
class _Hours:
    """A resource: its type, its days of the week, its hours, and minutes per booking."""

    name: str
    type_id: int
    days: str
    hours: tuple[tuple[int, int], ...]
    size: int


_RESOURCES = (
    _Hours("Room 1", 1, "Mon Tue Wed Thu Fri", ((8 * 60, 18 * 60),), 30),
    _Hours("Room 2", 1, "Mon Tue Wed Thu Fri Sat", ((9 * 60, 17 * 60),), 60),
    _Hours("Dr. Amsel", 2, "Mon Tue Wed Thu Fri", ((540, 780), (840, 1080)), 30),
    _Hours("Dr. Falk", 2, "Tue Wed Thu Fri Sat", ((600, 1140),), 45),
    _Hours("Dr. Lerche", 2, "Mon Wed Fri", ((450, 930),), 20),
    _Hours("Nurse Star", 2, "Mon Tue Wed Thu Fri Sat Sun", ((420, 720), (960, 1200)), 15),
    _Hours("Treatment room", 1, "Mon Tue Thu Fri", ((510, 1050),), 40),
    _Hours("Ultrasound", 3, "Mon Tue Wed Thu Fri", ((480, 960),), 25),
    _Hours("Laser", 3, "Tue Thu Sat", ((540, 1200),), 30),
    _Hours("Night lab", 3, "Mon Tue Wed Thu Fri Sat Sun", ((1200, 1440),), 60),
)


def add_resources(state: PortalState) -> None:
    """Add the types and resources, with working hours in the portal's time zone."""
    for number, (code, name) in enumerate(_TYPES, start=1):
        state.resource_types[number] = ResourceType(number, code, name)
    state.last_id["resource_type"] = len(_TYPES)
    zone = name_offset(state.utc_offset)
    for number, row in enumerate(_RESOURCES, start=1):
        resource = Resource(number, row.name, row.type_id, calendar=True)
        for start, end in row.hours:
            slot_id = state.next_id("slot")
            resource.slots.append(Slot(slot_id, start, end, zone, row.days.split(), row.size))
        state.resources[number] = resource
    state.last_id["resource"] = len(_RESOURCES)


def add_bookings(state: PortalState, count: int, now: datetime) -> None:
    """Spread bookings over the resources; every third one has an hour twice."""
    zone = timezone(timedelta(hours=state.utc_offset))
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    for number, resource in state.resources.items():
        share = len(range(number - 1, count, len(state.resources)))
        doubled = share > 1 and number % 3 == 1
        starts = list(_starts(resource, today))
        single = share - doubled
        chosen = [starts[step * len(starts) // single] for step in range(single)]
        for start, size in chosen + chosen[:doubled]:
            _add_booking(state, resource, start, size, now)


def _starts(resource: Resource, today: datetime) -> Iterator[tuple[datetime, int]]:
    """Yield the begin and the minutes of each place in the week."""
    for day in (today + timedelta(days=step) for step in range(_DAYS)):
        for slot in resource.slots:
            if WEEK_DAYS[day.weekday()] in slot.week_days:
                for minute in range(slot.start, slot.end - slot.size + 1, slot.size):
                    yield day + timedelta(minutes=minute), slot.size


def _add_booking(
    state: PortalState, resource: Resource, start: datetime, size: int, now: datetime
) -> None:
    number = state.next_id("booking")
    zone = resource.slots[0].timezone
    begin = int(start.timestamp())
    booking = Booking(
        number,
        [resource.id],
        {
            "from": {"timestamp": begin, "timezone": zone},
            "to": {"timestamp": begin + size * 60, "timezone": zone},
        },
        created_by=2 if number % 3 else 1,
        created=(now - timedelta(days=2 + number % 8)).isoformat(timespec="seconds"),
        name=_NAMES[number % len(_NAMES)],
        confirmed=number % 4 != 0,
    )
    if number % 11 and state.contacts:
        add_rows(state, booking, [("CONTACT", (number * 37 + 11) % len(state.contacts) + 1)])
    if number % 7 == 0 and state.companies:
        add_rows(state, booking, [("COMPANY", number % len(state.companies) + 1)])
    state.bookings[number] = booking
