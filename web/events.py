"""What portals tell the app: it was installed, updated or removed, or a waiting list changed."""

from __future__ import annotations

from flask import Blueprint, Response, request

from oauth.lifecycle import Verdict, read_event
from web.abuse import note_refusal, refuse_the_abusive
from web.services import services

bp = Blueprint("events", __name__)

ANSWERS = {
    Verdict.ACCEPTED: ("ok\n", 200),
    Verdict.REFUSED: ("unknown sender\n", 403),
    Verdict.MALFORMED: ("malformed event\n", 400),
}


@bp.post("/events")
def receive() -> Response:
    refuse_the_abusive()
    event = read_event(request.form)
    verdict = services().lifecycle.receive(event) if event else Verdict.MALFORMED
    if event and verdict is Verdict.ACCEPTED:
        services().tracker(event.member_id).heard(event.name, event.data)
    if verdict is not Verdict.ACCEPTED:
        name, member_id = (event.name, event.member_id) if event else ("", "")
        note_refusal("event", verdict, event=name, member_id=member_id)
    text, status = ANSWERS[verdict]
    return Response(text, status, mimetype="text/plain")
