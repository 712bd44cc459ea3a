"""placement.*: the application's widgets on the portal."""

from typing import Any

from sandbox.core import errors, php
from sandbox.core.application import PlacementHandler
from sandbox.core.errors import RestError
from sandbox.rest.binding_checks import check_handler_url, require_app
from sandbox.rest.call import Call, method

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


def _require_admin(call: Call) -> None:
    require_app(call)
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
    if placement not in PLACEMENTS or not call.auth.allows(PLACEMENTS[placement]):
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
