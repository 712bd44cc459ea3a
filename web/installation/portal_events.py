"""Events from portals: the app was installed, updated or removed, or a record changed."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response, request

from installation.lifecycle import TOKEN_EVENTS, Event, Verdict, read_event
from waitlist.sources.tracker import EVENT
from web.oauth.throttle import is_throttled, may_call, record_refusal
from web.problems.problem import only_reads
from web.services import services

bp = Blueprint("events", __name__)

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
    verdict = _receive(event) if event else Verdict.MALFORMED
    if event and verdict in {Verdict.ACCEPTED, Verdict.POSTPONED}:
        if event.name.startswith(EVENT):
            services().request_quota.take(event.member_id)
            services().tracker(event.member_id).note_event(event.name, event.data)
    elif event:
        record_refusal(_kind(event), verdict, event.member_id, event=event.name)
    else:
        record_refusal("event", verdict)
    text, status = ANSWERS[verdict]
    return Response(text, status, mimetype="text/plain")


def _receive(event: Event) -> Verdict:
    """Apply an event. Learning an application_token and proving an uninstall cost requests.

    So only these are throttled: a portal does not send a refused event again.
    """
    verdict = services().lifecycle.receive(event, partial(may_call, "uninstall"))
    if verdict is not Verdict.REFUSED or event.name not in TOKEN_EVENTS:
        return verdict
    throttled = is_throttled(_kind(event), event.member_id)
    return verdict if throttled else services().lifecycle.learn(event)


def _kind(event: Event) -> str:
    return "teaching event" if event.name in TOKEN_EVENTS else "event"
