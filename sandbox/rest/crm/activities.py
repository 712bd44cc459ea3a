"""crm.activity.list, to-dos and comments: what stands in the history of a CRM item."""

from datetime import datetime
from typing import Any

from sandbox.core import crm_mirror, php
from sandbox.core.errors import RestError, legacy_error
from sandbox.core.model import Activity, TimelineComment, Todo
from sandbox.rest.call import Call, Page, method, upper_keys
from sandbox.rest.crm.dates import parse_moment
from sandbox.rest.crm.fields import FIELDS, is_crm_closed, may_read
from sandbox.rest.crm.legacy import legacy_list, require_crm
from sandbox.rest.crm.writing import ENTITY_TYPE_IDS


@method("crm.activity.list")
def activity_list(call: Call) -> Page:
    """List the CRM mirror, then the to-dos, as far as the user may read them."""
    require_crm(call)
    filters = call.upper_array("FILTER")
    owners = _parse_bindings(filters)
    conditions = {k: v for k, v in php.entries(filters) if k.upper() != "BINDINGS"}
    rows = [
        _serialize_mirror(call, activity)
        for activity in call.portal.state.activities.values()
        if _may_read(call, activity.bindings) and (not owners or owners & set(activity.bindings))
    ]
    rows += [
        _serialize_todo(call, todo)
        for todo in call.portal.state.todos.values()
        if _may_read(call, [todo.owner]) and (not owners or todo.owner in owners)
    ]
    page = legacy_list(call, rows, conditions)
    select = {str(name).upper() for name in php.values(call.upper_array("SELECT"))}
    if select and "*" not in select:
        page.result = [
            {name: value for name, value in row.items() if name in select or name == "ID"}
            for row in page.result
        ]
    return page


def _parse_bindings(filters: Any) -> set[tuple[int, int]]:
    bindings = filters.get("BINDINGS") if isinstance(filters, dict) else None
    if not php.is_array(bindings):
        return set()
    return {
        (php.to_int(b.get("OWNER_TYPE_ID")), php.to_int(b.get("OWNER_ID")))
        for b in php.values(bindings)
        if isinstance(b, dict)
    }


def _may_read(call: Call, bindings: list[tuple[int, int]]) -> bool:
    return any(may_read(call.user, *binding) for binding in bindings)


def _in_portal_zone(call: Call, moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(call.portal.zone).isoformat()


def _serialize(call: Call, row: Activity | Todo, owner: tuple[int, int]) -> dict[str, Any]:
    """Return what all activities have."""
    return {
        "ID": str(row.id),
        "OWNER_ID": str(owner[1]),
        "OWNER_TYPE_ID": str(owner[0]),
        "TYPE_ID": "6",
        "COMPLETED": "N",
        "CREATED": _in_portal_zone(call, row.created),
        "AUTHOR_ID": str(row.author_id),
    }


def _serialize_mirror(call: Call, activity: Activity) -> dict[str, Any]:
    return {
        **_serialize(call, activity, activity.bindings[0]),
        "PROVIDER_ID": crm_mirror.PROVIDER_ID,
        "PROVIDER_TYPE_ID": crm_mirror.PROVIDER_TYPE_ID,
        "ASSOCIATED_ENTITY_ID": str(activity.record_id),
        "SUBJECT": "Waiting list",
        "LAST_UPDATED": activity.updated,
        "RESPONSIBLE_ID": str(activity.author_id),
        "SETTINGS": crm_mirror.serialize_settings(activity, call.portal.hub.switches.mirror),
    }


def _serialize_todo(call: Call, todo: Todo) -> dict[str, Any]:
    return {
        **_serialize(call, todo, todo.owner),
        "PROVIDER_ID": "CRM_TODO",
        "PROVIDER_TYPE_ID": "TODO",
        "ASSOCIATED_ENTITY_ID": "0",
        "SUBJECT": todo.subject,
        "DESCRIPTION": todo.description,
        "DEADLINE": _in_portal_zone(call, todo.deadline),
        "LAST_UPDATED": todo.created,
        "RESPONSIBLE_ID": str(todo.responsible_id),
        "SETTINGS": [],
    }


@method("crm.activity.todo.add")
def todo_add(call: Call) -> dict[str, int]:
    """Add a to-do with a deadline to a contact, company or deal.

    Source: crm/lib/controller/activity/todo.php.
    """
    owner = call.integer("ownerTypeId"), call.integer("ownerId")
    moment = parse_moment(call.portal, call.text("deadline"))
    if moment is None:
        raise RestError("WRONG_DATETIME_FORMAT", "Wrong date format")
    deadline = moment.isoformat(timespec="seconds")
    title, description = call.text("title", ""), call.text("description", "")
    given = call.params.get("responsibleId") is not None
    person = call.integer("responsibleId") if given else 0
    if is_crm_closed(call) or not may_read(call.user, *owner):
        raise RestError("ACCESS_DENIED", "Access denied.")
    if owner[0] not in FIELDS or owner[1] not in call.portal.state.crm(owner[0]):
        raise RestError("NOT_FOUND", "Element is not found")
    state, now = call.portal.state, call.portal.hub.clock.iso()
    number = state.next_id("activity")
    person = person or call.user.id
    todo = Todo(number, owner, title, description, deadline, call.user.id, person, now)
    state.todos[number] = todo
    call.portal.hub.mark_changed()
    return {"id": number}


@method("crm.timeline.comment.add")
def comment_add(call: Call) -> int:
    """Add a comment to the history of a contact, company or deal; returns its id."""
    require_crm(call)
    given = call.upper_params().get("FIELDS")
    if not php.is_array(given):
        raise legacy_error("Parameter 'fields' must be array.")
    fields = upper_keys(dict(php.entries(given)))
    entity_type_id = ENTITY_TYPE_IDS.get(php.to_text(fields.get("ENTITY_TYPE")).lower(), 0)
    entity_id, text = php.to_int(fields.get("ENTITY_ID")), php.to_text(fields.get("COMMENT"))
    state = call.portal.state
    known = entity_type_id and entity_id in state.crm(entity_type_id)
    if not known or not may_read(call.user, entity_type_id, entity_id):
        raise legacy_error("Access denied.")
    if not text:
        raise legacy_error("Text must be greater not empty string.")
    number, author = state.next_id("comment"), php.to_int(fields.get("AUTHOR_ID")) or call.user.id
    owner, now = (entity_type_id, entity_id), call.portal.hub.clock.iso()
    state.comments[number] = TimelineComment(number, owner, text, author, now)
    call.portal.hub.mark_changed()
    return number
