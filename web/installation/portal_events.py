"""Events from portals: the app was installed, updated or removed, or a record changed."""

from collections.abc import Sequence
from functools import partial

from flask import Blueprint, Response, request

from installation.lifecycle import TOKEN_EVENTS, Event, Verdict, read_event
from store.bookings.snapshot import BookingSnapshot
from waitlist.sources.tracker import EVENT
from web.http.request_quota import RETRY_AFTER, QuotaExceeded
from web.oauth.throttle import is_throttled, may_call, record_refusal
from web.problems.problem import only_reads
from web.services import Services, services

bp = Blueprint("events", __name__)

BOOKING_EVENTS = {"ONBOOKINGADD", "ONBOOKINGUPDATE", "ONBOOKINGDELETE"}
"""Whatever they name, the bookings are looked at again."""

ANSWERS = {
    Verdict.ACCEPTED: ("ok\n", 200),
    Verdict.POSTPONED: ("received, but not proven yet\n", 200),
    Verdict.REFUSED: ("unknown sender or not true\n", 403),
    Verdict.MALFORMED: ("malformed event\n", 400),
}


@bp.post("/events")
@only_reads
def receive() -> Response:
    event = read_event(request.form)
    try:
        verdict = _receive(event) if event else Verdict.MALFORMED
    except QuotaExceeded:
        headers = {"Retry-After": str(int(RETRY_AFTER))}
        return Response("too many events\n", 429, headers, mimetype="text/plain")
    if event is None:
        record_refusal("event", verdict)
    elif verdict is Verdict.REFUSED:
        record_refusal(_kind(event), verdict, event.member_id, event=event.name)
    text, status = ANSWERS[verdict]
    return Response(text, status, mimetype="text/plain")


def _receive(event: Event) -> Verdict:
    """Apply an event. Learning an application_token and proving an uninstall cost requests.

    So only these are throttled: a portal does not send a refused event again. Raises QuotaExceeded.
    """
    shared = services()
    if event.is_hint and shared.coalescer.join(event, shared.request_quota.take):
        return Verdict.ACCEPTED
    verdict = shared.lifecycle.receive(event, partial(may_call, "uninstall"))
    if verdict is Verdict.REFUSED and event.name in TOKEN_EVENTS:
        throttled = is_throttled(_kind(event), event.member_id)
        return verdict if throttled else shared.lifecycle.accept_token_event(event)
    if verdict is Verdict.ACCEPTED and event.is_hint:
        shared.coalescer.begin(event, partial(_apply_joined, shared))
        shared.request_quota.take(event.member_id)
        _apply(shared, [event])
    return verdict


def _apply_joined(shared: Services, events: Sequence[Event]) -> None:
    """Apply events of one portal, unless their application_token holds no longer.

    If the database takes nothing now, this is done later.
    """

    def check_and_apply() -> None:
        if shared.lifecycle.receive(events[0]) is Verdict.ACCEPTED:
            _apply(shared, events)

    shared.deferred.run(check_and_apply)


def _apply(shared: Services, events: Sequence[Event]) -> None:
    member_id = events[0].member_id
    named = [event.data.get("ID", "") for event in events if event.name.startswith(EVENT)]
    if named:
        shared.tracker(member_id).note_named(named)
    if any(event.name in BOOKING_EVENTS for event in events):
        BookingSnapshot(shared.engine, member_id).add_hint()


def _kind(event: Event) -> str:
    return "teaching event" if event.name in TOKEN_EVENTS else "event"
