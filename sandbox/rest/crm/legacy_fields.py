"""The older methods' names and values of fields: upper case, and nearly always texts."""

from typing import Any

from sandbox.core import php
from sandbox.core.model import DEAL, CrmItem
from sandbox.rest.call import field_value, upper_keys
from sandbox.rest.crm.fields import FIELDS, MULTI, MULTI_TYPES, multifields, upper_name

_SPECIAL = {
    "createdTime": "DATE_CREATE",
    "updatedTime": "DATE_MODIFY",
    "createdBy": "CREATED_BY_ID",
    "updatedBy": "MODIFY_BY_ID",
}


def legacy_names(entity_type_id: int) -> dict[str, str]:
    """Return the older name of each field, without phones and mails."""
    return {
        name: _SPECIAL.get(name, upper_name(name))
        for name in FIELDS[entity_type_id]
        if name not in MULTI
    }


def to_legacy(entity_type_id: int, item: CrmItem) -> dict[str, Any]:
    """Return an item as the older methods do; lists of linked items are left out."""
    row: dict[str, Any] = {"ID": str(item.id)}
    for name, upper in legacy_names(entity_type_id).items():
        if name != "id" and not name.endswith("Ids"):
            row[upper] = php.to_text(item.fields.get(name)) or None
    if entity_type_id == DEAL:
        return row
    flags = multifields(item)
    row |= {"HAS_PHONE": flags["hasPhone"], "HAS_EMAIL": flags["hasEmail"]}
    for type_id in MULTI_TYPES:
        row[type_id] = [
            {"ID": str(f.id), "VALUE_TYPE": f.value_type, "VALUE": f.value, "TYPE_ID": type_id}
            for f in item.fm
            if f.type_id == type_id
        ]
    return row


def from_legacy(entity_type_id: int, given: Any) -> dict[str, Any]:
    """Turn fields of an older method into those of crm.item.*; drop others."""
    upper = upper_keys(dict(php.entries(given)))
    names = legacy_names(entity_type_id).items()
    fields = {name: upper[old] for name, old in names if old in upper}
    return fields | {"fm": legacy_multifields(upper)}


def legacy_multifields(given: dict[str, Any]) -> dict[str, Any]:
    """Turn `PHONE: [{ID, VALUE, VALUE_TYPE}]`, and so on, into the `fm` of crm.item.*."""
    rows = [
        (type_id, row)
        for type_id in MULTI_TYPES
        if php.is_array(given.get(type_id))
        for row in php.values(given[type_id])
    ]
    return {
        php.to_text(field_value(row, "ID")) or f"n{index}": {
            "typeId": type_id,
            "valueType": field_value(row, "VALUE_TYPE"),
            "value": "" if field_value(row, "DELETE") == "Y" else field_value(row, "VALUE"),
        }
        for index, (type_id, row) in enumerate(rows)
    }
