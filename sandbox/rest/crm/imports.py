"""crm.item.import and crm.item.batchImport: add items as a migration does.

They take `PHONE` and `EMAIL` as the older methods do, and ignore `fm`. Source:
crm/lib/controller/item.php.
"""

from datetime import UTC, datetime
from typing import Any

from sandbox.core import php
from sandbox.core.errors import RestError
from sandbox.rest.call import Call, method
from sandbox.rest.crm.dates import parse_moment
from sandbox.rest.crm.fields import get_entity_type_id, invalid_field
from sandbox.rest.crm.items import require_rights
from sandbox.rest.crm.legacy_fields import legacy_multifields
from sandbox.rest.crm.writing import add_item

LIMIT = 20
# In this order: an item is changed after it is created.
_TIMES = ("createdTime", "updatedTime")
_USERS = ("createdBy", "updatedBy")


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
    history = _parse_history(call, entity_type_id, given)
    given["fm"] = legacy_multifields(given)
    item = add_item(call.portal, entity_type_id, call.user.id, given)
    item.fields |= history
    return {"item": {"id": item.id}}


def _parse_history(call: Call, entity_type_id: int, given: dict[str, Any]) -> dict[str, Any]:
    """Return when and by which users an item is said to be created and changed.

    Raises RestError for a user who is no administrator of CRM, for a time in the future or before
    that of an item with a smaller id, and for a change before the creation.
    Source: checkSystemFieldsValues in crm/lib/Service/Operation/Import.php.
    """
    named = [name for name in (*_TIMES, *_USERS) if given.get(name)]
    if named and not call.user.admin:
        raise invalid_field(named[0])
    items = call.portal.state.crm(entity_type_id)
    now = datetime.fromtimestamp(call.portal.hub.clock.now(), UTC)
    earliest = datetime.fromisoformat(items[max(items)].fields["createdTime"]) if items else None
    history: dict[str, Any] = {}
    for name in _TIMES:
        if name in named:
            moment = parse_moment(call.portal, php.to_text(given[name]))
            if moment is None or moment > now or (earliest and moment < earliest):
                raise invalid_field(name)
            history[name] = moment.isoformat(timespec="seconds")
        earliest = datetime.fromisoformat(history.get(name, now.isoformat(timespec="seconds")))
    for name in filter(named.__contains__, _USERS):
        history[name] = php.to_int(given[name])
        if history[name] < 0:
            raise invalid_field(name)
    return history
