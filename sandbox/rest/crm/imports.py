"""crm.item.import and crm.item.batchImport: add items as a migration does.

They take `PHONE` and `EMAIL` as the older methods do, and ignore `fm`. Source:
crm/lib/controller/item.php.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sandbox.core import php
from sandbox.core.errors import RestError
from sandbox.core.model import CrmItem
from sandbox.rest.call import Call, field_value, method
from sandbox.rest.crm.fields import get_entity_type_id
from sandbox.rest.crm.items import require_rights
from sandbox.rest.crm.legacy_fields import legacy_multifields
from sandbox.rest.crm.writing import add_item

LIMIT = 20


@method("crm.item.import")
def item_import(call: Call) -> dict[str, Any]:
    entity_type_id, fields = get_entity_type_id(call), call.array("fields")
    require_rights(call)
    return _import_item(call, entity_type_id, fields)


@method("crm.item.batchImport")
def batch_import(call: Call) -> dict[str, Any]:
    """Import up to 20 items; each has its own result or error, and the keys are kept."""
    entity_type_id, data = get_entity_type_id(call), call.array("data")
    if len(data) > LIMIT:
        text = f"You can only import {LIMIT} items at a time"
        raise RestError("MAX_IMPORT_BATCH_SIZE_EXCEEDED", text)
    results: dict[str, Any] = {}
    for key, fields in php.entries(data):
        try:
            require_rights(call)
            given = fields if php.is_array(fields) else {}
            results[key] = _import_item(call, entity_type_id, given)
        except RestError as problem:
            results[key] = problem.body()
    return {"items": php.to_array(results)}


def _import_item(call: Call, entity_type_id: int, fields: Any) -> dict[str, Any]:
    if not call.user.crm_import:
        raise RestError("ACCESS_DENIED", "Access denied.")
    given = dict(php.entries(fields))
    # Only an administrator of CRM may set these; other users' values are ignored.
    created = _parse_created(call, entity_type_id, given)
    given["fm"] = legacy_multifields(given)
    item = add_item(call.portal, entity_type_id, call.user.id, given)
    if created:
        item.fields["createdTime"] = created.isoformat(timespec="seconds")
    if call.user.admin and php.to_int(given.get("createdBy")):
        item.fields["createdBy"] = php.to_int(given["createdBy"])
    return {"item": {"id": item.id}}


def _parse_created(call: Call, entity_type_id: int, given: dict[str, Any]) -> datetime | None:
    """Return the time at which an item is said to be created, or None.

    Raises RestError when it is in the future, or before that of an item with a smaller id.
    """
    value = field_value(given, "createdTime")
    if value is None or not call.user.admin:
        return None
    items = call.portal.state.crm(entity_type_id)
    try:
        moment = datetime.fromisoformat(php.to_text(value))
    except ValueError:
        moment = None
    now = datetime.fromtimestamp(call.portal.hub.clock.now(), UTC)
    if moment is None or not _created(items[max(items)]) <= _aware(moment, call) <= now:
        raise RestError("CRM_FIELD_ERROR_VALUE_NOT_VALID", "Invalid value of the field Created on")
    return _aware(moment, call)


def _created(item: CrmItem) -> datetime:
    return datetime.fromisoformat(item.fields["createdTime"])


def _aware(moment: datetime, call: Call) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=call.portal.zone)
