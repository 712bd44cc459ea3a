"""What portals tell the app: it was installed, updated or removed, or a waiting list changed."""

from __future__ import annotations

from flask import Blueprint, Response, request

from installation.lifecycle import TEACHING, Event, Verdict, read_event
from web.oauth.throttle import note_refusal, too_many
from web.services import services

bp = Blueprint("events", __name__)

ANSWERS = {
    Verdict.ACCEPTED: ("ok\n", 200),
    Verdict.REFUSED: ("unknown sender\n", 403),
    Verdict.MALFORMED: ("malformed event\n", 400),
}


@bp.post("/events")
def receive() -> Response:
    event = read_event(request.form)
    verdict = _receive(event) if event else Verdict.MALFORMED
    if event and verdict is Verdict.ACCEPTED:
        services().tracker(event.member_id).heard(event.name, event.data)
    elif event:
        note_refusal(_what(event), verdict, event.member_id, event=event.name)
    else:
        note_refusal("event", verdict)
    text, status = ANSWERS[verdict]
    return Response(text, status, mimetype="text/plain")


def _receive(event: Event) -> Verdict:
    """Only asking about an unknown application_token costs a request of ours, so only that is
    throttled: an event that goes unheard is never sent again."""
    verdict = services().lifecycle.receive(event)
    if verdict is Verdict.ACCEPTED or event.name not in TEACHING:
        return verdict
    held_back = too_many(_what(event), event.member_id)
    return verdict if held_back else services().lifecycle.learn(event)


def _what(event: Event) -> str:
    return "teaching event" if event.name in TEACHING else "event"
