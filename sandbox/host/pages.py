"""The main page with the application, pages of other placements, the stored data."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, render_template, request

from sandbox.core import php
from sandbox.core.application import PlacementHandler
from sandbox.core.model import PortalState, Record
from sandbox.host import frames, visitor
from sandbox.host.site import current_portal
from sandbox.portal.portal import Portal

bp = Blueprint("pages", __name__)

# Parameters of the page that are not passed on to the application.
_PAGE_PARAMETERS = {"mute", "lang"}


@bp.app_context_processor
def menu_context() -> dict[str, Any]:
    portal = current_portal()
    bound = portal.state.placements if portal.installed else []
    return {"left_menu": [row for row in bound if row.placement == "LEFT_MENU"]}


@bp.get("/")
def main() -> str:
    portal = current_portal()
    options = {key: value for key, value in request.args.items() if key not in _PAGE_PARAMETERS}
    return _frame_page(portal, _add_uri(portal, options), None)


@bp.get("/marketplace/app/<int:number>/")
def left_menu(number: int) -> str:
    portal = current_portal()
    bound = next((row for row in portal.state.placements if row.id == number), None)
    if bound is None:
        abort(404)
    return _frame_page(portal, {"URI": request.full_path.rstrip("?")}, bound)


@bp.get("/marketplace/view/<code>/")
def deep_link(code: str) -> str:
    """Open REST_APP_URI; `?params[k]=v` reaches the application as placement options."""
    portal = current_portal()
    places = portal.state.placements
    bound = next((row for row in places if row.placement == "REST_APP_URI"), None)
    if bound is None or code != portal.app_code:
        abort(404)
    query = php.parse_query(request.query_string.decode())
    params = query.get("params")
    options = dict(php.entries(params)) if php.is_array(params) else {}
    return _frame_page(portal, _add_uri(portal, options), bound)


@bp.get("/sandbox/stored/")
def stored() -> str:
    return render_template("stored.html", **_stored_data(current_portal()))


@bp.app_template_filter("moment")
def moment(seconds: float) -> str:
    portal = current_portal()
    return portal.hub.clock.iso(seconds, portal.zone)[:16].replace("T", " ")


@bp.get("/sandbox/messages/")
def messages() -> str:
    """Show the messages that a portal would have sent to customers, the newest first."""
    portal = current_portal()
    tables = {"CONTACT": portal.state.contacts, "COMPANY": portal.state.companies}
    names = {f"{k} {n}": item.title for k, table in tables.items() for n, item in table.items()}
    return render_template("messages.html", rows=reversed(portal.messages), names=names)


def _add_uri(portal: Portal, options: dict[str, Any]) -> dict[str, Any]:
    """Add the option URI: the page of the portal that the user came from."""
    came_from = urlsplit(request.referrer or "")
    if came_from.netloc == portal.domain and "URI" not in options:
        query = f"?{came_from.query}" if came_from.query else ""
        options["URI"] = came_from.path + query
    return options


def _frame_page(portal: Portal, options: dict[str, Any], bound: PlacementHandler | None) -> str:
    user, lang = visitor.current_user(portal), request.args.get("lang", "en")
    try:
        frame = frames.open_frame(portal, user, bound, options, lang)
    except frames.FrameRefused as refusal:
        return render_template("refused.html", text=str(refusal), present=portal.app.present)
    title = bound.title if bound else portal.hub.registration.title
    return render_template(
        "frame.html", frame=frame, title=title, mute=request.args.get("mute", "")
    )


def _stored_data(portal: Portal) -> dict[str, Any]:
    state = portal.state
    last = {entry.record_id: entry for entry in state.journal}
    rows: list[dict[str, Any]] = [
        {
            "record": record,
            "deals": [link.value for link in record.external if link.entity_type_id == "DEAL"],
            "clients": _client_rows(state, record),
            "last": last.get(record.id),
            "changed_by": portal.find_user(record.updated_by),
        }
        for record in state.records.values()
    ]
    rows.sort(key=lambda row: (row["last"] is None, -row["record"].id))
    names = {user.id: user.full_name for user in portal.users}
    return {"rows": rows, "journal": list(reversed(state.journal))[:200], "names": names}


def _client_rows(state: PortalState, record: Record) -> list[dict[str, Any]]:
    shown = []
    for row in record.clients:
        known = state.customer(row)
        title = known.title if known else "(not in CRM)"
        shown.append({"code": row.code, "id": row.id, "title": title, "primary": row.primary})
    return shown
