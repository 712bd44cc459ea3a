"""Tells an administrator where the installation differs, and updates it."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Response

from bitrix24.client import PortalClient
from bitrix24.errors import NotPermitted
from web.error_handlers import create_blueprint
from web.frame import Frame, current_frame
from web.http.i18n import N_
from web.http.i18n import gettext as _
from web.problems.pages import render
from web.problems.problem import only_reads
from web.services import services

bp = create_blueprint("difference", __name__, url_prefix="/installation")

LABELS = {
    "CRM_CONTACT_DETAIL_TAB": N_("Tab in contacts"),
    "CRM_COMPANY_DETAIL_TAB": N_("Tab in companies"),
    "CRM_DEAL_DETAIL_TAB": N_("Tab in deals"),
    "REST_APP_URI": N_("Links to records"),
}
EVENTS = {"ONAPP": N_("Updates of the app"), "ONBOOKING": N_("Live updates")}
"""Events by the beginnings of their names."""
MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class DifferenceLine:
    """What differs, and how. A place without words of ours has its code as `label`."""

    label: str
    text: str


@bp.post("/difference")
@only_reads
def show() -> Response:
    """Answer an administrator with what differs; 204 if nothing does.

    Costs one HTTP request, which gives way to people.
    """
    frame = current_frame()
    if not frame.session.administrator:
        return Response(status=204)
    differences = services().installer.differences(_client(frame, background=True))
    lines = difference_lines(differences)
    return render("board/installation.html", lines=lines) if lines else Response(status=204)


@bp.post("/update")
@only_reads
def update() -> Response:
    """Bind what differs. The portal itself refuses users who are no administrators."""
    frame = current_frame()
    if not frame.session.administrator:
        raise NotPermitted
    services().installer.update(_client(frame))
    done = {"member_id": frame.portal.member_id, "user_id": frame.session.user_id}
    services().security_log.write({"accepted": "update of the installation", **done})
    return render("board/installation.html", lines=())


def difference_lines(differences: Iterable[tuple[str, str, str]]) -> tuple[DifferenceLine, ...]:
    """Return one line for each place or sort of events, however many events differ."""
    kinds: dict[str, set[str]] = {}
    for kind, name, _address in differences:
        kinds.setdefault(_label(name), set()).add(kind)
    lines = (DifferenceLine(label, _text(found)) for label, found in kinds.items())
    return tuple(lines)[:MOST_LINES]


def _label(name: str) -> str:
    events = (label for start, label in EVENTS.items() if name.upper().startswith(start))
    return str(LABELS.get(name) or next(events, name))


def _text(kinds: set[str]) -> str:
    if kinds == {"renamed"}:
        return _("has another name")
    if kinds == {"missing"}:
        return _("missing")
    return _("no longer needed") if kinds == {"surplus"} else _("has another address")


def _client(frame: Frame, *, background: bool = False) -> PortalClient:
    return services().client(frame.portal, frame.session.user_id, background=background)
