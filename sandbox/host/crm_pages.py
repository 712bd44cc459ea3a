"""Lists and cards of contacts, companies and deals, with the application's tabs."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request
from werkzeug.wrappers import Response

from sandbox.core.application import PlacementHandler
from sandbox.core.model import CrmItem
from sandbox.host import visitor
from sandbox.host.site import current_portal
from sandbox.portal.portal import Portal
from sandbox.rest.crm.fields import may_read, serialize
from sandbox.rest.crm.writing import ENTITY_TYPE_IDS, NAME_FIELDS, add_item

bp = Blueprint("crm_pages", __name__)

PLURALS = {"contact": "Contacts", "company": "Companies", "deal": "Deals"}
COMMUNICATIONS = ("phone", "email")
_PAGE = 50


@bp.get("/crm/<kind>/list/")
def crm_list(kind: str) -> str:
    portal = current_portal()
    items = readable_items(portal, kind)
    wanted = request.args.get("q", "").casefold()
    found = [item for item in items if wanted in _searchable(item)]
    page = max(1, request.args.get("page", 1, type=int))
    rows = found[(page - 1) * _PAGE : page * _PAGE]
    more = page * _PAGE < len(found)
    return render_template(
        "crm_list.html", kind=kind, title=PLURALS[kind], rows=rows, page=page, more=more,
        total=len(found), menu=bound_widgets(portal, kind, "LIST_MENU"),
    )  # fmt: skip


@bp.route("/crm/<kind>/details/0/", methods=["GET", "POST"])
def new_card(kind: str) -> str | Response:
    """Show and save the portal's own form, with all fields that this portal requires."""
    portal = current_portal()
    user = visitor.current_user(portal)
    if kind not in ("contact", "company") or not (user.crm_read and user.crm_add):
        abort(403)
    names = [*NAME_FIELDS[ENTITY_TYPE_IDS[kind]], *portal.state.required_fields.get(kind, [])]
    names = list(dict.fromkeys(name for name in names if name not in COMMUNICATIONS))
    if request.method == "GET":
        return render_template("crm_new.html", kind=kind, names=names, comms=COMMUNICATIONS)
    if not visitor.is_own_request():
        abort(403)
    fields: dict[str, Any] = {name: request.form.get(name, "") for name in names}
    fields["fm"] = [
        {"typeId": name.upper(), "valueType": "WORK", "value": request.form.get(name, "")}
        for name in COMMUNICATIONS
    ]
    with portal.lock:
        item = add_item(portal, ENTITY_TYPE_IDS[kind], user.id, fields)
    bare = "?IFRAME=Y" if request.args.get("IFRAME") == "Y" else ""
    return redirect(f"/crm/{kind}/details/{item.id}/{bare}")


@bp.get("/crm/<kind>/details/<int:number>/")
def card(kind: str, number: int) -> str:
    portal = current_portal()
    item = next((item for item in readable_items(portal, kind) if item.id == number), None)
    if item is None:
        abort(404)
    owner = ENTITY_TYPE_IDS[kind], number
    shown = serialize(owner[0], item)
    fields = {k: v for k, v in shown.items() if v not in ("", [], 0, None) and k != "fm"}
    tabs = bound_widgets(portal, kind, "DETAIL_TAB")
    return render_template(
        "crm_card.html", kind=kind, item=item, fields=fields, tabs=tabs, plural=PLURALS[kind],
        todos=[row for row in portal.state.todos.values() if row.owner == owner],
        comments=[row for row in portal.state.comments.values() if row.owner == owner],
    )  # fmt: skip


def readable_items(portal: Portal, kind: str) -> list[CrmItem]:
    """Return the items that the user may read; an unknown kind is a missing page."""
    if kind not in ENTITY_TYPE_IDS:
        abort(404)
    user = visitor.current_user(portal)
    if not user.crm_read:
        return []
    type_id = ENTITY_TYPE_IDS[kind]
    items = portal.state.crm(type_id).values()
    return [item for item in items if may_read(user, type_id, item.id)]


def _searchable(item: CrmItem) -> str:
    return " ".join([item.title, *(entry.value for entry in item.fm)]).casefold()


def bound_widgets(portal: Portal, kind: str, place: str) -> list[PlacementHandler]:
    """Return the widgets at a place; before installFinish there are none."""
    if not portal.installed:
        return []
    code = f"CRM_{kind.upper()}_{place}"
    return [row for row in portal.state.placements if row.placement == code]


def dialog_rows(portal: Portal, kinds: list[str], wanted: str) -> list[dict[str, Any]]:
    """Return the rows of the portal's selection dialog, 20 per kind."""
    prefixes = {"contact": "C", "company": "CO", "deal": "D"}
    rows = []
    for kind in kinds:
        if kind not in ENTITY_TYPE_IDS:
            continue
        hits = [item for item in readable_items(portal, kind) if wanted in _searchable(item)]
        rows += [
            {
                "id": f"{prefixes[kind]}_{item.id}",
                "type": kind,
                "place": kind,
                "title": item.title,
                "desc": item.fm[0].value if item.fm else "",
                "url": f"/crm/{kind}/details/{item.id}/",
            }
            for item in hits[:20]
        ]
    return rows
