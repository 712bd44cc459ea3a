"""Methods about caller and portal: profile, user.*, app.*, scope, methods."""

from typing import Any

from sandbox.core import errors, php
from sandbox.core.model import User
from sandbox.rest.call import METHODS, Call, Page, method
from sandbox.rest.crm.legacy import compile_legacy_filter, legacy_page, sort_legacy


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


def _serialize(call: Call, user: User) -> dict[str, Any]:
    """Return the fields that the scopes allow: user_brief, user_basic, user."""
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
    return _serialize(call, call.user)


@method("user.get", scope="user")
def user_get(call: Call) -> Page:
    given = call.upper_params()
    conditions = dict(php.entries(call.upper_array("FILTER")))
    conditions |= {key: value for key, value in given.items() if key == "ID"}
    test = compile_legacy_filter(conditions)
    rows = [row for row in (_serialize(call, user) for user in call.portal.users) if test(row)]
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
        # A local application has no code of its own, but its client_id.
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
    if php.to_bool(call.upper_params().get("FULL")):
        return sorted({"booking", "crm", "placement", "user", "user_basic", "user_brief"})
    return sorted(call.auth.scopes)


@method("methods")
def methods(call: Call) -> list[str]:
    given = call.upper_params()
    wanted = given.get("SCOPE")
    names = sorted(METHODS.values(), key=lambda entry: entry.name)
    if wanted is not None:
        return [m.name for m in names if (m.scope or "_global") == wanted]
    full = php.to_bool(given.get("FULL"))
    return [m.name for m in names if full or call.auth.allows(m.scope)]


@method("method.get")
def method_get(call: Call) -> dict[str, bool]:
    found = METHODS.get(php.to_text(call.upper_params().get("NAME")).lower())
    allowed = found is not None and call.auth.allows(found.scope)
    return {"isExisting": found is not None, "isAvailable": allowed}


@method("feature.get")
def feature_get(call: Call) -> dict[str, str]:
    code = php.to_text(call.upper_params().get("CODE"))
    if not code:
        raise errors.bad_argument("CODE")
    return {"value": "Y" if call.portal.state.features.get(code, False) else "N"}


def _require_app(call: Call) -> None:
    if call.auth.kind != "oauth":
        raise errors.access_denied("Application context required")


@method("app.option.get")
def app_option_get(call: Call) -> Any:
    return _get_option(call, call.portal.app.options)


@method("app.option.set")
def app_option_set(call: Call) -> bool:
    _require_app(call)
    if not call.user.admin:
        raise errors.access_denied()
    return _set_options(call, call.portal.app.options)


@method("user.option.get")
def user_option_get(call: Call) -> Any:
    return _get_option(call, call.portal.app.user_options.get(str(call.user.id), {}))


@method("user.option.set")
def user_option_set(call: Call) -> bool:
    _require_app(call)
    return _set_options(call, call.portal.app.user_options.setdefault(str(call.user.id), {}))


def _get_option(call: Call, options: dict[str, Any]) -> Any:
    _require_app(call)
    name = call.upper_params().get("OPTION")
    if name is not None:
        return options.get(str(name), "")
    return options or []


def _set_options(call: Call, options: dict[str, Any]) -> bool:
    given = call.upper_params().get("OPTIONS")
    if not php.is_array(given) or not given:
        raise errors.bad_argument("options")
    options |= dict(php.entries(given))
    call.portal.hub.mark_changed()
    return True
