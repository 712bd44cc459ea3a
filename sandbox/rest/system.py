"""Methods about the caller and the portal itself: profile, user.*, app.info, options, scope."""

from __future__ import annotations

from typing import Any

from sandbox.core import errors, php
from sandbox.core.model import User
from sandbox.rest.call import METHODS, Call, Page, method
from sandbox.rest.crm.legacy import compile_legacy, legacy_page, sort_legacy


@method("profile")
def profile(call: Call) -> dict[str, Any]:
    user = call.user
    return {
        "ID": str(user.id),
        "ADMIN": user.admin,
        "NAME": user.name,
        "LAST_NAME": user.last_name,
        "PERSONAL_GENDER": "",
        "TIME_ZONE": "",
    }


def _shown(call: Call, user: User) -> dict[str, Any]:
    """Fields by scope: brief has no mail, basic adds it, user tells intranet from extranet."""
    row: dict[str, Any] = {
        "ID": str(user.id),
        "ACTIVE": True,
        "NAME": user.name,
        "LAST_NAME": user.last_name,
        "SECOND_NAME": "",
        "WORK_POSITION": user.position,
        "TIME_ZONE": "",
    }
    scopes = call.auth.scopes
    if scopes & {"user", "user_basic"}:
        row["EMAIL"] = user.email
        # An extranet user belongs to no department.
        row["UF_DEPARTMENT"] = [] if user.extranet else [1]
    if "user" in scopes:
        row["USER_TYPE"] = "extranet" if user.extranet else "employee"
    return row


@method("user.current", scope="user")
def user_current(call: Call) -> dict[str, Any]:
    return _shown(call, call.user)


@method("user.get", scope="user")
def user_get(call: Call) -> Page:
    given = call.upper()
    filters = given.get("FILTER") if php.is_array(given.get("FILTER")) else {}
    conditions = dict(php.entries(filters))
    conditions |= {key: value for key, value in given.items() if key == "ID"}
    test = compile_legacy(conditions)
    rows = [row for row in (_shown(call, user) for user in call.portal.users) if test(row)]
    order = {str(given.get("SORT", "ID")): given.get("ORDER", "ASC")}
    return legacy_page(call, sort_legacy(rows, order))


@method("user.admin")
def user_admin(call: Call) -> bool:
    return call.user.admin


@method("app.info")
def app_info(call: Call) -> dict[str, Any]:
    if call.auth.kind != "oauth":
        return {"SCOPE": sorted(call.auth.scopes), "LICENSE": call.portal.license}
    app = call.portal.app
    plan = call.portal.license.partition("_")[2]
    return {
        "ID": 1,
        # A local application has no code of its own: its client_id stands there.
        "CODE": call.portal.app_code,
        "VERSION": app.version,
        "STATUS": app.status,
        "INSTALLED": app.installed,
        "PAYMENT_EXPIRED": "N",
        "DAYS": None,
        "LANGUAGE_ID": "en",
        "LICENSE": call.portal.license,
        "LICENSE_TYPE": plan,
        "LICENSE_FAMILY": plan.rstrip("0123456789"),
    }


@method("server.time")
def server_time(call: Call) -> str:
    return call.portal.hub.clock.iso(zone=call.portal.zone)


@method("scope")
def scope(call: Call) -> list[str]:
    if php.truthy(call.upper().get("FULL")):
        return sorted({"booking", "crm", "placement", "user", "user_basic", "user_brief"})
    return sorted(call.auth.scopes)


@method("methods")
def methods(call: Call) -> list[str]:
    given = call.upper()
    wanted = given.get("SCOPE")
    names = sorted(METHODS.values(), key=lambda entry: entry.name)
    if wanted is not None:
        return [m.name for m in names if (m.scope or "_global") == wanted]
    full = php.truthy(given.get("FULL"))
    return [m.name for m in names if full or m.scope is None or call.auth.allows(m.scope)]


@method("method.get")
def method_get(call: Call) -> dict[str, bool]:
    found = METHODS.get(php.to_text(call.upper().get("NAME")).lower())
    allowed = found is not None and (found.scope is None or call.auth.allows(found.scope))
    return {"isExisting": found is not None, "isAvailable": allowed}


@method("feature.get")
def feature_get(call: Call) -> dict[str, str]:
    code = php.to_text(call.upper().get("CODE"))
    if not code:
        raise errors.argument("CODE")
    return {"value": "Y" if call.portal.state.features.get(code, False) else "N"}


def _require_app(call: Call) -> None:
    if call.auth.kind != "oauth":
        raise errors.access_denied("Application context required")


@method("app.option.get")
def app_option_get(call: Call) -> Any:
    _require_app(call)
    return _read(call, call.portal.app.options)


@method("app.option.set")
def app_option_set(call: Call) -> bool:
    _require_app(call)
    if not call.user.admin:
        raise errors.access_denied()
    return _write(call, call.portal.app.options)


@method("user.option.get")
def user_option_get(call: Call) -> Any:
    _require_app(call)
    return _read(call, call.portal.app.user_options.get(str(call.user.id), {}))


@method("user.option.set")
def user_option_set(call: Call) -> bool:
    _require_app(call)
    return _write(call, call.portal.app.user_options.setdefault(str(call.user.id), {}))


def _read(call: Call, options: dict[str, Any]) -> Any:
    name = call.upper().get("OPTION")
    if name is not None:
        return options.get(str(name), "")
    return options or []


def _write(call: Call, options: dict[str, Any]) -> bool:
    given = call.upper().get("OPTIONS")
    if not php.is_array(given) or not given:
        raise errors.argument("options")
    options |= dict(php.entries(given))
    call.portal.hub.changed()
    return True
