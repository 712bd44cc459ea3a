"""batch: up to 50 string commands, `$result[...]` references, PHP-shaped reply maps."""

from __future__ import annotations

import re
from typing import Any

from sandbox.core import php
from sandbox.core.errors import RestError
from sandbox.core.recording import SubCall, without_secrets
from sandbox.portal.portal import Portal
from sandbox.rest.call import Auth
from sandbox.rest.execute import find_method, run, time_block

LIMIT = 50
_MAPS = ("result", "error", "total", "next", "time")
# The match runs to the next white space, so two references without one are read as a single path.
_REFERENCE = re.compile(r"\$(result|error|total|next|time)(\[\S+)")
_KEY = re.compile(r"[^\[\]]+")


def inner_methods(params: dict[str, Any]) -> list[str]:
    """The method names a batch would call, for faults that aim at one of them."""
    commands = _upper(params).get("CMD")
    if not php.is_array(commands):
        return []
    return [_split(command)[0] for command in php.values(commands) if isinstance(command, str)]


def run_batch(
    portal: Portal, params: dict[str, Any], auth: Auth, calls: list[SubCall]
) -> dict[str, Any]:
    began = portal.hub.clock.now()
    given = _upper(params)
    commands = given.get("CMD")
    halt = php.truthy(given.get("HALT"))
    maps: dict[str, dict[str, Any]] = {name: {} for name in _MAPS}
    for count, (key, command) in enumerate(php.entries(commands) if php.is_array(commands) else []):
        if count >= LIMIT:
            maps["error"][key] = {
                "error": "ERROR_BATCH_LENGTH_EXCEEDED",
                "error_description": "Max batch length exceeded",
            }
            continue
        if not isinstance(command, str):
            continue  # an object instead of a string is skipped without a word, but counts
        _run_command(portal, key, command, auth, maps, calls)
        if halt and key in maps["error"]:
            break
    result = {
        "result": php.array(maps["result"]),
        "result_error": php.array(maps["error"]),
        "result_total": php.array(maps["total"]),
        "result_next": php.array(maps["next"]),
        "result_time": php.array(maps["time"]),
    }
    return {"result": result, "time": time_block(portal, began, 0.0, (auth.who, "batch"))}


def _upper(params: dict[str, Any]) -> dict[str, Any]:
    return {key.upper(): value for key, value in params.items()}


def _split(command: str) -> tuple[str, str]:
    name, _, query = command.partition("?")
    return name.strip("/ "), query


def _run_command(
    portal: Portal,
    key: str,
    command: str,
    auth: Auth,
    maps: dict[str, dict[str, Any]],
    calls: list[SubCall],
) -> None:
    name, query = _split(command)
    params = _resolved(php.parse_query(query), maps)
    call = SubCall(key, name, without_secrets(params))
    calls.append(call)
    try:
        if name.lower() == "batch":
            text = "Method is not allowed for batch usage"
            raise RestError("ERROR_BATCH_METHOD_NOT_ALLOWED", text)
        found = find_method(name)
        call.method = found.name
        reply = run(portal, found, params, auth, in_batch=True)
    except RestError as error:
        call.error = error.code
        maps["error"][key] = error.body()
        return
    maps["result"][key] = reply["result"]
    for name in ("total", "next", "time"):
        if name in reply:
            maps[name][key] = reply[name]


def _resolved(value: Any, maps: dict[str, dict[str, Any]]) -> Any:
    """References are replaced in values, never in keys."""
    if isinstance(value, dict):
        return {key: _resolved(item, maps) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolved(item, maps) for item in value]
    whole = _REFERENCE.fullmatch(value)
    if whole:
        return _walk(maps[whole.group(1)], whole.group(2))
    return _REFERENCE.sub(lambda match: _pasted(match, maps), value)


def _pasted(match: re.Match[str], maps: dict[str, dict[str, Any]]) -> str:
    value = _walk(maps[match.group(1)], match.group(2))
    plain = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value) if plain else match.group(0)


def _walk(value: Any, path: str) -> Any:
    """A wrong path yields the last ancestor that exists, not an error."""
    for key in _KEY.findall(path):
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdecimal() and php.to_int(key) < len(value):
            value = value[php.to_int(key)]
        else:
            break
    return php.array(value) if isinstance(value, dict) else value
