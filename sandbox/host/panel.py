"""The sandbox panel: installation, switches, faults, recorded requests and events.

A form is read into the body of the control API's action, so that both refuse the same.
"""

from typing import Any

import msgspec
from flask import Blueprint, abort, redirect, render_template, request
from werkzeug.wrappers import Response

from sandbox.core import php
from sandbox.core.booking.model import FEATURES
from sandbox.core.faults import KINDS, OPTIONS
from sandbox.host import visitor
from sandbox.host.actions import ACTIONS, run_action
from sandbox.host.site import current_portal, current_site
from sandbox.portal.portal import Portal

bp = Blueprint("panel", __name__)

_SHOWN = 100


@bp.get("/sandbox/panel/")
def panel(problem: str = "") -> str:
    site = current_site()
    portal, hub = site.portal, site.portal.hub
    return render_template(
        "panel.html",
        kinds=KINDS,
        options=OPTIONS,
        features=FEATURES,
        faults=list(portal.faults),
        requests=list(reversed(portal.requests[-_SHOWN:])),
        oauth_requests=list(reversed(hub.oauth_requests[-_SHOWN:])),
        deliveries=list(reversed(hub.events.sent[-_SHOWN:])),
        switches=hub.switches,
        portals=site.portals,
        problem=problem,
    )


@bp.post("/sandbox/panel/<action>")
def act(action: str) -> Response | tuple[str, int]:
    portal = current_portal()
    if not visitor.is_own_request():
        abort(403)
    if action not in ACTIONS:
        abort(404)
    given = _read_form(portal, action)
    try:
        run_action(portal, action, lambda type_: msgspec.convert(given, type_, strict=False))
    except (LookupError, ValueError) as problem:
        return panel(str(problem)), 400
    return redirect("/sandbox/panel/")


def _read_form(portal: Portal, action: str) -> dict[str, Any]:
    """Return the fields that are filled in; brackets in their names nest them."""
    form = php.parse_pairs(request.form.items(multi=True))
    given = {name: value for name, value in form.items() if value != ""}
    if action == "client-types":
        given["codes"] = [code for code in php.values(form.get("codes", [])) if code]
    if action == "link-client":
        given["user_id"] = visitor.current_user(portal).id
    return given
