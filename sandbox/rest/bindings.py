"""event.* and placement.*: the application's handlers and widgets on the portal."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from sandbox.core import errors, php
from sandbox.core.application import EventHandler, PlacementHandler
from sandbox.core.errors import RestError
from sandbox.rest.call import Call, method

_BOOKING = [
    f"ONBOOKING{thing}{what}"
    for thing in ("WAITLISTITEM", "", "RESOURCE", "RESOURCETYPE")
    for what in ("ADD", "UPDATE", "DELETE")
]
EVENTS: dict[str, str | None] = {
    **dict.fromkeys(("ONAPPINSTALL", "ONAPPUPDATE", "ONAPPUNINSTALL", "ONAPPTEST")),
    **dict.fromkeys(_BOOKING, "booking"),
    **dict.fromkeys(
        (
            f"ONCRM{kind}{what}"
            for kind in ("CONTACT", "COMPANY", "DEAL")
            for what in ("ADD", "UPDATE", "DELETE")
        ),
        "crm",
    ),
}
_CRM_PLACES = [
    f"CRM_{kind}_{place}"
    for kind in ("LEAD", "DEAL", "CONTACT", "COMPANY")
    for place in ("DETAIL_TAB", "LIST_MENU", "DETAIL_ACTIVITY", "LIST_TOOLBAR", "DETAIL_TOOLBAR")
]
PLACEMENTS: dict[str, str | None] = {
    **dict.fromkeys(("DEFAULT", "REST_APP_URI")),
    **dict.fromkeys(("LEFT_MENU", "PAGE_BACKGROUND_WORKER"), "placement"),
    **dict.fromkeys(_CRM_PLACES, "crm"),
    "USER_PROFILE_MENU": "user",
}
_ONE_ONLY = {"REST_APP_URI", "PAGE_BACKGROUND_WORKER"}


def _require_app(call: Call) -> None:
    if call.auth.kind != "oauth":
        raise errors.wrong_auth_type()


def check_handler_url(url: str) -> None:
    """Refuse addresses that are not http(s), and hosts without a dot (`localhost`)."""
    wrong = RestError("ERROR_WRONG_HANDLER_URL", "Wrong handler URL")
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna")
        parts.port  # noqa: B018 - raises ValueError for a bad port
    except ValueError:
        raise wrong from None
    if parts.scheme not in ("http", "https"):
        raise RestError("ERROR_UNSUPPORTED_PROTOCOL", "Unsupported event handler protocol")
    if b"." not in host:
        raise wrong


@method("event.bind")
def event_bind(call: Call) -> bool:
    _require_app(call)
    given = call.upper_params()
    owner = _find_event_owner(call, given)
    event = php.to_text(given.get("EVENT")).upper()
    if not event:
        raise errors.bad_argument("EVENT")
    if php.to_text(given.get("EVENT_TYPE") or "online") not in ("online", "offline"):
        raise errors.bad_argument("EVENT_TYPE", "Value must be one of {online, offline}")
    handler = php.to_text(given.get("HANDLER"))
    if not handler:
        raise errors.bad_argument("HANDLER")
    check_handler_url(handler)
    scope = EVENTS.get(event)
    if event not in EVENTS or (scope and not call.auth.allows(scope)):
        raise RestError("ERROR_EVENT_NOT_FOUND", "Event not found")
    state = call.portal.state
    if any(
        (h.event, h.handler, h.user_id) == (event, handler, owner) for h in state.event_handlers
    ):
        raise errors.core_error("Unable to set event handler: Handler already binded")
    number = state.next_id("event_handler")
    state.event_handlers.append(EventHandler(number, event, handler, owner))
    call.portal.hub.mark_changed()
    return True


def _find_event_owner(call: Call, given: dict[str, Any]) -> int:
    """Return the user whose tokens the event has, 0 for the user who causes it.

    Users who are not administrators can only bind events with their own tokens.
    """
    named = php.to_int(given.get("AUTH_TYPE"))
    if call.user.admin:
        if named and call.portal.find_user(named) is None:
            # Not documented; a portal could make no token for such a user.
            raise errors.access_denied()
        return named
    if given.get("EVENT_TYPE") == "offline" or named not in (0, call.user.id):
        raise errors.access_denied()
    return call.user.id


@method("event.unbind")
def event_unbind(call: Call) -> dict[str, int]:
    _require_app(call)
    given = call.upper_params()
    event, handler = php.to_text(given.get("EVENT")).upper(), php.to_text(given.get("HANDLER"))
    for name, value in (("EVENT", event), ("HANDLER", handler)):
        if not value:
            raise errors.bad_argument(name)
    owner = given.get("AUTH_TYPE")
    if not call.user.admin:
        # The portal compares with ===: the text "2" of a form is refused.
        if owner not in (None, call.user.id):
            raise errors.access_denied()
        owner = call.user.id
    state = call.portal.state
    gone = [
        h
        for h in state.event_handlers
        if (h.event, h.handler) == (event, handler)
        and (owner is None or h.user_id == php.to_int(owner))
    ]
    state.event_handlers = [h for h in state.event_handlers if h not in gone]
    call.portal.hub.mark_changed()
    return {"count": len(gone)}


@method("event.get")
def event_get(call: Call) -> list[dict[str, Any]]:
    _require_app(call)
    return [
        {"event": h.event, "handler": h.handler, "auth_type": str(h.user_id), "offline": 0}
        for h in call.portal.state.event_handlers
        if call.user.admin or h.user_id == call.user.id
    ]


@method("events")
def events(call: Call) -> list[str]:
    return sorted(name for name, scope in EVENTS.items() if not scope or call.auth.allows(scope))


def _require_admin(call: Call) -> None:
    _require_app(call)
    if not call.user.admin:
        raise errors.access_denied()


@method("placement.bind", scope="placement")
def placement_bind(call: Call) -> bool:
    _require_admin(call)
    given = call.upper_params()
    placement, handler = given.get("PLACEMENT"), php.to_text(given.get("HANDLER"))
    if not isinstance(placement, str) or not placement:
        raise errors.bad_argument("PLACEMENT")
    if placement == "DEFAULT":
        raise errors.bad_argument("PLACEMENT", "Wrong value")
    if not handler:
        raise errors.bad_argument("HANDLER")
    check_handler_url(handler)
    scope = PLACEMENTS.get(placement)
    if placement not in PLACEMENTS or (scope and not call.auth.allows(scope)):
        raise RestError("ERROR_PLACEMENT_NOT_FOUND", "Placement not found")
    if php.to_int(given.get("USER_ID")):
        raise RestError("ERROR_PLACEMENT_USER_MODE", "User mode is not available.")
    bound = [row for row in call.portal.state.placements if row.placement == placement]
    if placement in _ONE_ONLY and bound:
        raise RestError("ERROR_PLACEMENT_MAX_COUNT", "Placement max count: 1")
    if any(row.handler == handler for row in bound):
        raise errors.core_error("Unable to set placement handler: Handler already binded")
    call.portal.state.placements.append(_build_placement(call, given, placement, handler))
    call.portal.hub.mark_changed()
    return True


def _build_placement(
    call: Call, given: dict[str, Any], code: str, handler: str
) -> PlacementHandler:
    languages = given.get("LANG_ALL")
    lang_all = dict(php.entries(languages)) if php.is_array(languages) else {}
    english = lang_all.get("en") if isinstance(lang_all.get("en"), dict) else {}
    title = php.to_text(given.get("TITLE") or (english or {}).get("TITLE"))
    return PlacementHandler(
        id=call.portal.state.next_id("placement"),
        placement=code,
        handler=handler,
        title=title or call.portal.hub.registration.title,
        description=php.to_text(given.get("DESCRIPTION")),
        options=given.get("OPTIONS") or [],
        lang_all=lang_all,
    )


@method("placement.unbind", scope="placement")
def placement_unbind(call: Call) -> dict[str, int]:
    _require_admin(call)
    given = call.upper_params()
    placement, handler = given.get("PLACEMENT"), given.get("HANDLER")
    if not isinstance(placement, str) or not placement:
        raise errors.bad_argument("PLACEMENT")
    state = call.portal.state
    kept = [
        row
        for row in state.placements
        if row.placement != placement or (handler and row.handler != handler)
    ]
    # A portal counts each removed handler twice.
    count = 2 * (len(state.placements) - len(kept))
    state.placements = kept
    call.portal.hub.mark_changed()
    return {"count": count}


@method("placement.get", scope="placement")
def placement_get(call: Call) -> list[dict[str, Any]]:
    _require_admin(call)
    return [
        {
            "id": row.id,
            "placement": row.placement,
            "userId": row.user_id,
            "handler": row.handler,
            "options": row.options,
            "title": row.title,
            "description": row.description,
            "langAll": row.lang_all or [],
        }
        for row in call.portal.state.placements
    ]


@method("placement.list", scope="placement")
def placement_list(call: Call) -> list[str]:
    given = call.upper_params()
    full = php.to_bool(given.get("FULL"))
    return [
        name
        for name, scope in PLACEMENTS.items()
        if full or not scope or (call.auth.allows(scope) and given.get("SCOPE") in (None, scope))
    ]
