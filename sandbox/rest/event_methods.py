"""event.* and events: the application's handlers on the portal."""

from typing import Any

from sandbox.core import errors, php
from sandbox.core.application import EventHandler
from sandbox.core.errors import RestError
from sandbox.rest.binding_checks import check_handler_url, require_app
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


@method("event.bind")
def event_bind(call: Call) -> bool:
    require_app(call)
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
    if event not in EVENTS or not call.auth.allows(EVENTS[event]):
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
    require_app(call)
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
    require_app(call)
    return [
        {"event": h.event, "handler": h.handler, "auth_type": str(h.user_id), "offline": 0}
        for h in call.portal.state.event_handlers
        if call.user.admin or h.user_id == call.user.id
    ]


@method("events")
def events(call: Call) -> list[str]:
    """List the events of one scope, of all with FULL, or else of the token's scopes.

    An empty SCOPE has the events without a scope. Source: eventsList in rest/lib/api/event.php.
    """
    require_app(call)
    given = call.upper_params()
    wanted, full = given.get("SCOPE"), php.to_bool(given.get("FULL"))
    if wanted is not None:
        return sorted(name for name, scope in EVENTS.items() if (scope or "") == _scope(wanted))
    return sorted(name for name, scope in EVENTS.items() if full or call.auth.allows(scope))


def _scope(wanted: Any) -> str:
    name = php.to_text(wanted)
    return "" if name == "_global" else name
