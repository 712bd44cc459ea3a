"""The sandbox panel: installation, switches, faults, recorded requests and events."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from flask import Flask, abort, redirect, render_template, request
from werkzeug.wrappers import Response

from sandbox.core.booking.model import FEATURES
from sandbox.core.faults import KINDS
from sandbox.core.model import ClientType
from sandbox.host import visitor
from sandbox.portal import colleague, lifecycle
from sandbox.portal.portal import Portal

_SHOWN = 100


def register(app: Flask, portal: Portal, portals: list[Portal]) -> None:
    hub = portal.hub

    @app.get("/sandbox/panel/")
    def panel() -> str:
        return render_template(
            "panel.html",
            kinds=KINDS,
            features=FEATURES,
            faults=list(portal.faults),
            requests=list(reversed(portal.requests[-_SHOWN:])),
            oauth_requests=list(reversed(hub.oauth_requests[-_SHOWN:])),
            deliveries=list(reversed(hub.events.sent[-_SHOWN:])),
            switches=hub.switches,
            portals=portals,
        )

    @app.post("/sandbox/panel/<action>")
    def act(action: str) -> Response:
        if not visitor.is_own_request():
            abort(403)
        with portal.lock:
            _run_action(portal, action)
        hub.mark_changed()
        return redirect("/sandbox/panel/")


def _run_action(portal: Portal, action: str) -> None:
    form = request.form
    actions: dict[str, Callable[[], object]] = {
        "expire-tokens": lambda: portal.hub.tokens.expire_access(portal.member_id),
        "uninstall": lambda: lifecycle.uninstall(portal, clean=bool(form.get("clean"))),
        "reinstall": lambda: lifecycle.reinstall(portal),
        "update": lambda: lifecycle.update(portal),
        "clear-faults": portal.faults.clear,
        "remove-fault": lambda: portal.faults.remove(form.get("id", 0, type=int)),
        "add-fault": lambda: _add_fault(portal),
        "clear-requests": portal.requests.clear,
        "switches": lambda: _set_switches(portal),
        "colleague": lambda: _link_client(portal),
    }
    if action not in actions:
        abort(404)
    actions[action]()


def _add_fault(portal: Portal) -> None:
    form = request.form
    options: dict[str, object] = {}
    if form.get("seconds", type=float):
        options["seconds"] = form.get("seconds", type=float)
    for name in ("number", "status"):
        if form.get(name, type=int):
            options[name] = form.get(name, type=int)
    if form.get("feature"):
        options["feature"] = form["feature"]
    portal.faults.add(
        form.get("kind", ""),
        form.get("method") or "*",
        count=form.get("count", type=int),
        probability=form.get("probability", 1.0, type=float),
        **options,
    )


def _link_client(portal: Portal) -> None:
    """Add a client to a record as on the portal's own screen; bad input is ignored."""
    form = request.form
    record_id, number = form.get("record", 0, type=int), form.get("id", 0, type=int)
    with suppress(LookupError, ValueError):
        user_id = visitor.current_user(portal).id
        colleague.link_client(portal, record_id, form.get("code", ""), number, user_id)


def _set_switches(portal: Portal) -> None:
    form, switches, state = request.form, portal.hub.switches, portal.state
    for name in (
        "limits",
        "operating",
        "docs_statuses",
        "shuffle",
        "token_cache",
        "search_content",
        "update_wipes_slots",
    ):
        setattr(switches, name, bool(form.get(name)))
    switches.latency = form.get("latency", 0.0, type=float)
    state.utc_offset = form.get("utc_offset", 0.0, type=float)
    state.booking_tool = bool(form.get("booking_tool"))
    switches.event_order = "reversed" if form.get("reversed_events") else "journal"
    for feature in FEATURES:
        state.features[feature] = bool(form.get(feature))
    types = [ClientType("crm", "CONTACT"), ClientType("crm", "COMPANY")]
    if bool(form.get("client_types")) != bool(state.client_types):
        state.client_types = types if form.get("client_types") else []
