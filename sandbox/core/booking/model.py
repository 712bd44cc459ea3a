"""What a portal stores about bookings besides their clients: resources and messages."""

from typing import Literal, get_args

from msgspec import Struct, field

# The features of a tariff that concern bookings.
Feature = Literal[
    "booking", "booking_waitlist", "booking_multi", "booking_overbooking", "booking_calendar"
]
FEATURES: tuple[Feature, ...] = get_args(Feature)
WEEK_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# The delay of a reminder that is sent in the morning of the day.
MORNING = -1
_TEMPLATES = ("animate", "inanimate")
# The fields of a resource and of its type that say which messages customers get, with their
# defaults; delays are in seconds. Source: booking/lib/Entity/Resource/Resource.php.
NOTICE_DEFAULTS: dict[str, bool | int | str] = {
    "isInfoNotificationOn": True,
    "templateTypeInfo": "inanimate",
    "infoNotificationDelay": 0,
    "isConfirmationNotificationOn": True,
    "templateTypeConfirmation": "inanimate",
    "confirmationNotificationDelay": 86_400,
    "confirmationNotificationRepetitions": 0,
    "confirmationNotificationRepetitionsInterval": 10_800,
    "confirmationCounterDelay": 10_800,
    "isReminderNotificationOn": True,
    "templateTypeReminder": "base",
    "reminderNotificationDelay": MORNING,
    "isFeedbackNotificationOn": True,
    "templateTypeFeedback": "inanimate",
    "isDelayedNotificationOn": True,
    "templateTypeDelayed": "inanimate",
    "delayedNotificationDelay": 300,
    "delayedCounterDelay": 300,
    "senderCode": "bitrix24",
    # Not in the source at hand; the vendor's PHP SDK has them from cloud portals.
    "isCancellationNotificationOn": True,
    "cancellationNotificationDelay": 0,
}
TEMPLATE_VALUES = {
    name: ("base",) if name == "templateTypeReminder" else _TEMPLATES
    for name in NOTICE_DEFAULTS
    if name.startswith("templateType")
}


class Slot(Struct):
    """Working hours of a resource, in minutes of the day: 540 is 9:00."""

    id: int
    start: int
    end: int
    timezone: str
    week_days: list[str]
    size: int


class ResourceType(Struct):
    id: int
    code: str
    name: str
    module_id: str = "booking"
    notices: dict[str, bool | int | str] = field(default_factory=NOTICE_DEFAULTS.copy)


class Resource(Struct):
    id: int
    name: str
    # 0 when an update has lost the type.
    type_id: int
    description: str | None = None
    is_main: bool = True
    # Whether a calendar is linked to it, on the portal's own pages.
    calendar: bool = False
    # In seconds since 1970.
    deleted_at: float | None = None
    slots: list[Slot] = field(default_factory=list)
    notices: dict[str, bool | int | str] = field(default_factory=NOTICE_DEFAULTS.copy)


class SentMessage(Struct):
    """A message to a customer; `kind` is info, confirmation, reminder or delayed."""

    # In seconds since 1970.
    time: float
    booking_id: int
    kind: str
    template: str
    client: str
    # Empty when the customer has none, and the message could not be sent.
    phone: str
