"""batch: up to 50 commands, `$result[…]` references, replies as PHP arrays."""

import re
from typing import Any

from sandbox.core import php
from sandbox.core.errors import RestError
from sandbox.core.recording import RecordedCommand, without_secrets
from sandbox.portal.portal import Portal
from sandbox.rest.call import Auth, upper_keys
from sandbox.rest.execute import find_method, run_method, time_block

LIMIT = 50
_MAPS = ("result", "error", "total", "next", "time")
# Ends at the next white space: two references without one are read as a single path.
_REFERENCE = re.compile(r"\$(result|error|total|next|time)(\[\S+)")
_KEY = re.compile(r"[^\[\]]+")


def inner_methods(params: dict[str, Any]) -> list[str]:
    """Return the names of the methods in a batch, for faults of one of them."""
    commands = upper_keys(params).get("CMD")
    if not php.is_array(commands):
        return []
    return [
        _split_command(command)[0] for command in php.values(commands) if isinstance(command, str)
    ]


def run_batch(
    portal: Portal, params: dict[str, Any], auth: Auth, calls: list[RecordedCommand]
) -> dict[str, Any]:
    """Run the commands and return the reply; adds each to `calls`, the recording."""
    began = portal.hub.clock.now()
    given = upper_keys(params)
    commands = given.get("CMD")
    halt = php.to_bool(given.get("HALT"))
    maps: dict[str, dict[str, Any]] = {name: {} for name in _MAPS}
    for count, (key, command) in enumerate(php.entries(commands) if php.is_array(commands) else []):
        if count >= LIMIT:
            maps["error"][key] = {
                "error": "ERROR_BATCH_LENGTH_EXCEEDED",
                "error_description": "Max batch length exceeded",
            }
            continue
        if not isinstance(command, str):
            continue  # skipped silently, but counted
        _run_command(portal, key, command, auth, maps, calls)
        if halt and key in maps["error"]:
            break
    result = {
        "result": php.to_array(maps["result"]),
        "result_error": php.to_array(maps["error"]),
        "result_total": php.to_array(maps["total"]),
        "result_next": php.to_array(maps["next"]),
        "result_time": php.to_array(maps["time"]),
    }
    return {"result": result, "time": time_block(portal, began, 0.0, (auth.kind, "batch"))}


def _split_command(command: str) -> tuple[str, str]:
    name, _, query = command.partition("?")
    return name.strip("/ "), query


def _run_command(
    portal: Portal,
    key: str,
    command: str,
    auth: Auth,
    maps: dict[str, dict[str, Any]],
    calls: list[RecordedCommand],
) -> None:
    name, query = _split_command(command)
    params = _resolve(php.parse_query(query), maps)
    call = RecordedCommand(key, name, without_secrets(params))
    calls.append(call)
    try:
        if name.lower() == "batch":
            text = "Method is not allowed for batch usage"
            raise RestError("ERROR_BATCH_METHOD_NOT_ALLOWED", text)
        found = find_method(name)
        call.method = found.name
        reply = run_method(portal, found, params, auth, in_batch=True)
    except RestError as error:
        call.error = error.code
        maps["error"][key] = error.body()
        return
    maps["result"][key] = reply["result"]
    for name in ("total", "next", "time"):
        if name in reply:
            maps[name][key] = reply[name]


def _resolve(value: Any, maps: dict[str, dict[str, Any]]) -> Any:
    """Replace the references in values; those in keys stay."""
    if isinstance(value, dict):
        return {key: _resolve(item, maps) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolve(item, maps) for item in value]
    whole = _REFERENCE.fullmatch(value)
    if whole:
        return _follow(maps[whole.group(1)], whole.group(2))
    return _REFERENCE.sub(lambda match: _insert(match, maps), value)


def _insert(match: re.Match[str], maps: dict[str, dict[str, Any]]) -> str:
    value = _follow(maps[match.group(1)], match.group(2))
    plain = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value) if plain else match.group(0)


def _follow(value: Any, path: str) -> Any:
    """Return what a path leads to; a wrong path ends at the last part that exists."""
    for key in _KEY.findall(path):
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdecimal() and php.to_int(key) < len(value):
            value = value[php.to_int(key)]
        else:
            break
    return php.to_array(value) if isinstance(value, dict) else value
