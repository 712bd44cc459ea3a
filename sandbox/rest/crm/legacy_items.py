"""crm.contact.*, crm.company.* and crm.deal.*: the older add, get, update, delete, fields, list.

Source: crm/classes/general/restservice.php. Their errors have an empty code.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sandbox.core import php
from sandbox.core.errors import FieldErrors, RestError, legacy_error
from sandbox.core.model import DEAL, CrmItem
from sandbox.rest.call import Call, Page, method
from sandbox.rest.crm.fields import FIELDS, MULTI_TYPES, describe_field, may_read
from sandbox.rest.crm.legacy import find_item, legacy_list, require_crm
from sandbox.rest.crm.legacy_fields import from_legacy, legacy_names, to_legacy
from sandbox.rest.crm.writing import ENTITY_NAMES, add_item, delete_item, set_fields


def _register(entity_type_id: int) -> None:
    kind = ENTITY_NAMES[entity_type_id]

    @method(f"crm.{kind}.add")
    def add(call: Call) -> int:
        fields = _fields(call)
        if not call.user.crm_add:
            raise legacy_error("Access denied.")
        with _older_errors():
            given = from_legacy(entity_type_id, fields)
            return add_item(call.portal, entity_type_id, call.user.id, given).id

    @method(f"crm.{kind}.get")
    def get(call: Call) -> dict[str, Any]:
        row = to_legacy(entity_type_id, _find(call, entity_type_id, "Not found"))
        return {name: value for name, value in row.items() if value or name not in MULTI_TYPES}

    @method(f"crm.{kind}.update")
    def update(call: Call) -> bool:
        item = _find(call, entity_type_id, f"{kind.capitalize()} is not found")
        fields = from_legacy(entity_type_id, _fields(call))
        with _older_errors():
            set_fields(call.portal, entity_type_id, item, fields, call.user.id)
        call.portal.hub.mark_changed()
        return True

    @method(f"crm.{kind}.delete")
    def delete(call: Call) -> bool:
        item = _find(call, entity_type_id, f"{kind.capitalize()} is not found")
        delete_item(call.portal, entity_type_id, item.id)
        return True

    @method(f"crm.{kind}.fields")
    def fields(call: Call) -> dict[str, Any]:
        require_crm(call)
        return _describe(entity_type_id)

    @method(f"crm.{kind}.list")
    def list_(call: Call) -> Page:
        return _list_items(call, entity_type_id)


for _entity_type_id in ENTITY_NAMES:
    _register(_entity_type_id)


@contextmanager
def _older_errors() -> Iterator[None]:
    """Turn errors of fields into one without a code, with the texts of all of them."""
    try:
        yield
    except RestError as problem:
        text = problem.texts if isinstance(problem, FieldErrors) else problem.description
        raise legacy_error(text) from problem


def _fields(call: Call) -> Any:
    require_crm(call)
    given = call.upper_params().get("FIELDS")
    if not php.is_array(given):
        raise legacy_error("Parameter 'fields' must be array.")
    return given


def _find(call: Call, entity_type_id: int, missing: str) -> CrmItem:
    return find_item(call, entity_type_id, "ID is not defined or invalid.", missing)


def _describe(entity_type_id: int) -> dict[str, Any]:
    types = FIELDS[entity_type_id]
    fields = {
        old: describe_field(name, types[name]) for name, old in legacy_names(entity_type_id).items()
    }
    for type_id in MULTI_TYPES if entity_type_id != DEAL else ():
        fields[type_id] = describe_field("fm", types["fm"]) | {"title": type_id.capitalize()}
    return fields


def _list_items(call: Call, entity_type_id: int) -> Page:
    """List items; customers have category 0, and phones when selected."""
    require_crm(call)
    rows = [
        to_legacy(entity_type_id, item)
        for item in call.portal.state.crm(entity_type_id).values()
        if may_read(call.user, entity_type_id, item.id)
        and (entity_type_id == DEAL or not item.fields.get("categoryId"))
    ]
    page = legacy_list(call, rows, dict(php.entries(call.upper_array("FILTER"))))
    select = [str(name).upper() for name in php.values(call.upper_array("SELECT"))]
    page.result = [_select(row, select) for row in page.result]
    return page


def _select(row: dict[str, Any], select: list[str]) -> dict[str, Any]:
    """Select fields; `*` is all but phones and mails, which are left out when empty."""
    every = not select or "*" in select
    shown = {}
    for name, value in row.items():
        wanted = name in select or name == "ID" or (every and name not in MULTI_TYPES)
        if wanted and (name not in MULTI_TYPES or value):
            shown[name] = value
    return shown
