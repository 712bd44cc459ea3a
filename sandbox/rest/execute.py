"""Run one method: lookup, scope, limits, faults, the handler, the reply."""

import hashlib
import time
from typing import Any

from sandbox.core import errors, php
from sandbox.core.errors import RestError
from sandbox.portal.portal import Portal
from sandbox.rest.auth import check_access
from sandbox.rest.call import METHODS, Auth, Call, Method, Page


def find_method(name: str) -> Method:
    """Find a method by its name in any case; raises an error for an unknown one."""
    found = METHODS.get(name.lower())
    if found:
        return found
    controller = name.lower().rpartition(".")[0]
    scope = controller.partition(".")[0]
    # Only these are controllers; the other crm.* methods are older.
    if (scope == "booking" or controller == "crm.item") and any(
        known.rpartition(".")[0] == controller for known in METHODS
    ):
        return Method(name, scope, _unknown_action)
    raise errors.standard("ERROR_METHOD_NOT_FOUND")


def _unknown_action(call: Call) -> Any:
    action = call.method.rpartition(".")[2]
    raise RestError("22002", f"Could not find description of {action} in the controller")


def run_method(
    portal: Portal, found: Method, params: dict[str, Any], auth: Auth, *, in_batch: bool = False
) -> dict[str, Any]:
    """Run a method and return its reply; raises RestError. Hold the portal's lock."""
    params = dict(params)
    start = php.to_int(params.pop("start", 0))
    state = params.pop("state", None)
    if params.get("token") is not None:
        # A portal takes a call with this parameter for a signed link.
        raise RestError("ACCESS_DENIED", "Link check failed", 403)
    if not auth.allows(found.scope):
        refused = errors.standard("insufficient_scope")
        raise RestError(refused.code, "", refused.status) if in_batch else refused
    check_access(portal, auth, [found.name])
    began, processing = portal.hub.clock.now(), time.perf_counter()
    _check_operating(portal, found, auth, began)
    call = Call(portal, found.name, params, auth, start)
    _raise_forced_error(call)
    reply = _envelope(found.handler(call))
    if state is not None and auth.token:
        reply["signature"] = hashlib.sha256(f"{portal.member_id}{state}".encode()).hexdigest()
    slow = call.take_fault("slow")
    took = float(slow.options.get("seconds", 1.0)) if slow else time.perf_counter() - processing
    portal.operating.add(auth.kind, found.name, took, began)
    reply["time"] = time_block(portal, began, took, (auth.kind, found.name))
    return reply


def _envelope(result: Any) -> dict[str, Any]:
    page = result if isinstance(result, Page) else Page(result)
    reply: dict[str, Any] = {"result": page.result}
    if page.next is not None:
        reply["next"] = page.next
    if page.total is not None:
        reply["total"] = page.total
    return reply


def _check_operating(portal: Portal, found: Method, auth: Auth, now: float) -> None:
    blocked = portal.hub.switches.operating and portal.operating.is_exceeded(
        auth.kind, found.name, now
    )
    if blocked or portal.faults.take("OPERATION_TIME_LIMIT", [found.name]):
        raise errors.standard("OPERATION_TIME_LIMIT")


def _raise_forced_error(call: Call) -> None:
    fault = call.take_fault("error")
    if fault:
        raise errors.from_options(fault.options, "ERROR_CORE", 400)


def time_block(
    portal: Portal, began: float, took: float, caller: tuple[str, str]
) -> dict[str, Any]:
    """Build the `time` of a reply; `caller` is `Auth.kind` and the method.

    In the portal's source `start` and `processing` are whole numbers, `finish` is a float.
    """
    clock = portal.hub.clock
    finish = clock.now()
    return {
        "start": int(began),
        "finish": finish,
        "duration": finish - int(began),
        "processing": int(took),
        "date_start": clock.iso(began, portal.zone),
        "date_finish": clock.iso(finish, portal.zone),
        "operating_reset_at": portal.operating.resets_at(*caller, began),
        "operating": portal.operating.used(*caller, began),
    }
