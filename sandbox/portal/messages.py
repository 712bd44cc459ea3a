"""The messages to customers that a portal's agent sends, as resources say.

Source: booking/lib/Internals/Service/Notifications/Agent/NotificationAgent.php. Nothing leaves the
sandbox: the messages are only kept. The agent runs every minute; the sandbox runs it before each
request and whenever the messages are read, for all the minutes since then.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.core.booking.model import MORNING, SentMessage
from sandbox.core.booking.zones import zone_or_utc
from sandbox.core.model import Booking, PortalState

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
# Of the portal's agent, in seconds.
INTERVAL = _MINUTE
_FORTNIGHT = 14 * _DAY
# No resource repeats a message more often.
_REPETITIONS = 20
_FIRST_HOUR, _LAST_HOUR = 8, 21
# How long before its begin a booking of the early morning is reminded of, the evening before.
_OVERNIGHT = (24 - (_LAST_HOUR - _FIRST_HOUR - 1)) * _HOUR
_KEPT = 1000


def send_due(state: PortalState, now: float) -> None:
    """Keep the messages that became due since the last run."""
    since, state.messages_sent_until = state.messages_sent_until or now, now
    sent: dict[int, list[SentMessage]] = {}
    for message in state.messages:
        sent.setdefault(message.booking_id, []).append(message)
    new = [
        message
        for booking in state.bookings.values()
        if not booking.deleted and booking.clients and booking.end > since
        for message in _messages(state, booking, sent.get(booking.id, []), since, now)
    ]
    state.messages += sorted(new, key=lambda message: message.time)
    del state.messages[:-_KEPT]


@dataclass
class _Case:
    """A booking, the settings of its first resource, and what was sent for it before."""

    booking: Booking
    notices: dict[str, Any]
    sent: list[SentMessage]
    created: float

    def times(self, kind: str) -> list[float]:
        return [message.time for message in self.sent if message.kind == kind]


def _messages(
    state: PortalState, booking: Booking, sent: list[SentMessage], since: float, now: float
) -> list[SentMessage]:
    resource = state.resources.get(next(iter(booking.resource_ids), 0))
    if resource is None:
        return []
    created = datetime.fromisoformat(booking.created).timestamp()
    case = _Case(booking, resource.notices, list(sent), created)
    # A setting may be on when it was off at an earlier run, so `now` is looked at, too.
    moments = sorted({now, *(at for at in _moments(case, since, now) if since < at < now)})
    before = len(case.sent)
    for moment in moments:
        for kind, is_due in _KINDS.items():
            if case.notices[f"is{kind}NotificationOn"] and is_due(case, moment):
                case.sent.append(_build(state, case, kind.lower(), moment))
    return case.sent[before:]


def _moments(case: _Case, since: float, now: float) -> Iterator[float]:
    """Yield the times at which a message of a booking can become due."""
    booking, notices = case.booking, case.notices
    yield case.created + notices["infoNotificationDelay"] + _MINUTE
    if not since - 2 * _DAY < booking.start < now + 2 * _FORTNIGHT:
        return
    confirmation = booking.start - min(notices["confirmationNotificationDelay"], _FORTNIGHT)
    yield case.created + _MINUTE
    yield case.created + _HOUR + _MINUTE
    for step in range(min(notices["confirmationNotificationRepetitions"], _REPETITIONS) + 1):
        gap = notices["confirmationNotificationRepetitionsInterval"] + _MINUTE
        yield max(confirmation, case.created + _MINUTE) + step * gap
    yield booking.start - _OVERNIGHT
    yield booking.start - notices["reminderNotificationDelay"]
    yield booking.start + notices["delayedNotificationDelay"]
    morning = _local(case, min(confirmation, booking.start - _DAY)).replace(
        hour=_FIRST_HOUR, minute=0, second=0
    )
    while morning.timestamp() < booking.start:
        yield morning.timestamp()
        morning += timedelta(days=1)


def _local(case: _Case, moment: float) -> datetime:
    zone = zone_or_utc(case.booking.date_period["from"]["timezone"])
    return datetime.fromtimestamp(moment, zone)


def _is_daytime(case: _Case, moment: float) -> bool:
    return _FIRST_HOUR <= _local(case, moment).hour < _LAST_HOUR


def _is_ahead(case: _Case, moment: float) -> bool:
    return moment < case.booking.start < moment + _FORTNIGHT


def _info_is_due(case: _Case, moment: float) -> bool:
    delay = case.notices["infoNotificationDelay"]
    return (
        moment - _DAY < case.created <= moment - max(delay, _MINUTE)
        and case.booking.start > moment
        and not case.times("info")
    )


def _confirmation_is_due(case: _Case, moment: float) -> bool:
    notices = case.notices
    delay = notices["confirmationNotificationDelay"]
    first = case.booking.start - delay
    sent = [at for at in case.times("confirmation") if at >= first]
    interval = notices["confirmationNotificationRepetitionsInterval"]
    return (
        not case.booking.confirmed
        and _is_ahead(case, moment)
        and first <= moment
        and case.created <= moment - _MINUTE
        and len(sent) <= notices["confirmationNotificationRepetitions"]
        and not any(at + interval >= moment for at in sent)
        and (delay < _DAY or _is_daytime(case, moment))
    )


def _reminder_is_due(case: _Case, moment: float) -> bool:
    delay = case.notices["reminderNotificationDelay"]
    morning = delay == MORNING
    span = _DAY if morning else delay
    if (
        not _is_ahead(case, moment)
        or (case.created > moment - _HOUR and case.times("info"))
        or any(at > moment - span for at in case.times("reminder"))
    ):
        return False
    if morning:
        start = case.booking.start
        today = _local(case, start).date() == _local(case, moment).date()
        return _is_daytime(case, moment) and (today or start - moment <= _OVERNIGHT)
    return case.booking.start - delay <= moment and (delay < _DAY or _is_daytime(case, moment))


def _delayed_is_due(case: _Case, moment: float) -> bool:
    booking = case.booking
    return (
        moment - _DAY < booking.start <= moment - case.notices["delayedNotificationDelay"]
        and booking.end > moment
        and not any(booking.start < at < booking.end for at in case.times("delayed"))
    )


_KINDS = {
    "Info": _info_is_due,
    "Confirmation": _confirmation_is_due,
    "Reminder": _reminder_is_due,
    "Delayed": _delayed_is_due,
}


def _build(state: PortalState, case: _Case, kind: str, moment: float) -> SentMessage:
    client = next((row for row in case.booking.clients if row.primary), case.booking.clients[0])
    template = str(case.notices[f"templateType{kind.capitalize()}"])
    name = f"{client.code} {client.id}"
    item = state.customer(client)
    phone = next(iter(item.values("PHONE")), "") if item else ""
    return SentMessage(moment, case.booking.id, kind, template, name, phone)
