"""The fields of resources and types that say which messages customers get.

Source: booking/lib/Rest/V1/View/Entity/Resource.php and Factory/Entity/Resource.php.
"""

from typing import Any

from sandbox.core import php
from sandbox.core.booking.model import NOTICE_DEFAULTS, TEMPLATE_VALUES
from sandbox.core.errors import RestError
from sandbox.rest.call import field_value

Notices = dict[str, bool | int | str]
# A portal's database refuses larger numbers.
_LARGEST = 2**31 - 1


def parse_notices(given: Any) -> Notices:
    """Return the notice fields that are given; invalid booleans are dropped silently.

    Raises RestError 422 for a template that does not exist.
    """
    for name in reversed(TEMPLATE_VALUES):
        value = field_value(given, name)
        if value is not None and value not in TEMPLATE_VALUES[name]:
            raise RestError("422", f"Invalid value of the {name} field")
    values = {name: _cast(field_value(given, name), kind) for name, kind in NOTICE_DEFAULTS.items()}
    return {name: value for name, value in values.items() if value is not None}


def _cast(value: Any, default: bool | int | str) -> bool | int | str | None:
    if value is None:
        return None
    if isinstance(default, bool):
        return parse_flag(value)
    if isinstance(default, int):
        return max(-_LARGEST, min(_LARGEST, php.to_int(value)))
    return php.to_text(value)


def parse_flag(value: Any) -> bool | None:
    """Return whether a value is `Y` or `N`; all others count as missing."""
    return {"Y": True, "N": False}.get(value) if isinstance(value, str) else None


def show_notices(notices: Notices) -> dict[str, Any]:
    """Return the fields as a portal does: `Y` or `N`, and null for 0 and empty texts."""
    shown: dict[str, Any] = {}
    for name, value in notices.items():
        shown[name] = ("Y" if value else "N") if isinstance(value, bool) else value or None
    return shown
