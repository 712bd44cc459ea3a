"""Add, change and delete contacts, companies and deals, for all methods."""

import re
from typing import Any

from sandbox.core import php
from sandbox.core.booking.stored_clients import mark_primary
from sandbox.core.errors import FieldErrors, RestError
from sandbox.core.model import COMPANY, CONTACT, DEAL, ClientOwner, CrmItem, Multifield, PortalState
from sandbox.portal.portal import Portal
from sandbox.rest.call import field_value
from sandbox.rest.crm.fields import FIELDS, READ_ONLY, cast, field_title, list_values, serialize

ENTITY_NAMES = {CONTACT: "contact", COMPANY: "company", DEAL: "deal"}
ENTITY_TYPE_IDS = {name: number for number, name in ENTITY_NAMES.items()}
NAME_FIELDS = {CONTACT: ("name", "lastName"), COMPANY: ("title",), DEAL: ("title",)}
_MAIL = re.compile(
    r"[=_.0-9a-z+~'!$&*^`|#%/?{}-]+@(?:[-0-9a-z_]+\.)+[a-z0-9-]{2,20}", re.IGNORECASE
)
_LONGEST_VALUE = 250
# The values that a portal fills in by itself.
_DEFAULTS = {
    CONTACT: {"typeId": "CLIENT", "sourceId": "CALL"},
    COMPANY: {"typeId": "CUSTOMER", "isMyCompany": "N"},
}


def add_item(
    portal: Portal, entity_type_id: int, user_id: int, fields: Any, *, checked: bool = True
) -> CrmItem:
    """Add an item.

    Raises RestError when a required field is empty, unless it is not `checked`.
    """
    state, now = portal.state, portal.hub.clock.iso()
    item = CrmItem(0, {"categoryId": 0, "opened": "Y", **_DEFAULTS.get(entity_type_id, {})})
    item.fields |= {"createdTime": now, "createdBy": user_id, "assignedById": user_id}
    set_fields(portal, entity_type_id, item, fields, user_id)
    if checked:
        _check_required(state, entity_type_id, item)
    item.id = state.next_id(ENTITY_NAMES[entity_type_id])
    if not any(item.fields.get(name) for name in NAME_FIELDS[entity_type_id]):
        placeholder = f"{ENTITY_NAMES[entity_type_id].capitalize()} #{item.id}"
        item.fields[NAME_FIELDS[entity_type_id][-1]] = placeholder
    state.crm(entity_type_id)[item.id] = item
    portal.hub.mark_changed()
    return item


def _check_required(state: PortalState, entity_type_id: int, item: CrmItem) -> None:
    problems = [
        _required(name)
        for name in state.required_fields.get(ENTITY_NAMES[entity_type_id], [])
        if not (serialize(entity_type_id, item).get(name) or item.fields.get(name))
    ]
    if problems:
        raise FieldErrors(problems)


def _required(name: str) -> RestError:
    text = f'The field "{field_title(name)}" is required.'
    return RestError("CRM_FIELD_ERROR_REQUIRED", text)


def delete_item(portal: Portal, entity_type_id: int, number: int) -> None:
    """Delete an item, its to-dos and comments, and all links to it."""
    del portal.state.crm(entity_type_id)[number]
    _remove_links(portal.state, entity_type_id, number)
    portal.hub.mark_changed()


def _remove_links(state: PortalState, entity_type_id: int, number: int) -> None:
    gone = entity_type_id, number
    state.todos = {key: row for key, row in state.todos.items() if row.owner != gone}
    state.comments = {key: row for key, row in state.comments.items() if row.owner != gone}
    code = ENTITY_NAMES[entity_type_id].upper()
    owners: list[ClientOwner] = [*state.records.values(), *state.bookings.values()]
    for owner in owners:
        owner.clients = [row for row in owner.clients if (row.code, row.id) != (code, number)]
        mark_primary(owner.clients)
    one, many = f"{ENTITY_NAMES[entity_type_id]}Id", f"{ENTITY_NAMES[entity_type_id]}Ids"
    for item in (*state.contacts.values(), *state.deals.values()):
        left = [other for other in item.fields.get(many) or [] if other != number]
        if many in item.fields:
            item.fields[many] = left
        if item.fields.get(one) == number:
            item.fields[one] = left[0] if left else 0


def set_fields(
    portal: Portal, entity_type_id: int, item: CrmItem, fields: Any, user_id: int
) -> None:
    """Set the fields that are given and can be written, phones and mails from `fm`.

    Raises RestError, and sets nothing, for a value that a portal does not take, and when a change
    would leave a customer without a name.
    """
    rows = _rows(field_value(fields, "fm"))
    _check_multifields(rows)
    if item.id:
        _check_name(entity_type_id, item, dict(php.entries(fields)))
    item.fields |= {
        name: cast(portal, entity_type_id, name, value)
        for name, value in php.entries(fields)
        if name in FIELDS[entity_type_id] and name not in READ_ONLY and name != "fm"
    }
    _pair_links(entity_type_id, item, {name for name, _ in php.entries(fields)})
    _set_multifields(portal.state, item, rows)
    item.fields["updatedTime"] = portal.hub.clock.iso()
    item.fields["updatedBy"] = user_id


def _rows(given: Any) -> list[tuple[int, Any]]:
    """Return the rows of `fm` that have a type and a value, with their ids.

    The key of a row is its id; rows of a list are new, whatever id they name. A single object
    works, too. Source: getFmValues in crm/lib/controller/item.php.
    """
    rows = list_values(given) if field_value(given, "typeId") is None else [given]
    keys = list(given) if isinstance(given, dict) and rows != [given] else [""] * len(rows)
    needed = ("typeId", "value")
    return [
        (php.to_int(key), row)
        for key, row in zip(keys, rows, strict=True)
        if all(field_value(row, name) is not None for name in needed)
    ]


def _check_multifields(rows: list[tuple[int, Any]]) -> None:
    problems = []
    for _, row in rows:
        value, mail = php.to_text(row["value"]), php.to_text(row["typeId"]) == "EMAIL"
        if len(value) > _LONGEST_VALUE or (mail and value and not _MAIL.fullmatch(value)):
            text = f"The value of the field {'E-mail' if mail else 'Phone'} is incorrect."
            problems.append(RestError("CRM_FIELD_ERROR_VALUE_NOT_VALID", text))
    if problems:
        raise FieldErrors(problems)


def _check_name(entity_type_id: int, item: CrmItem, given: dict[str, Any]) -> None:
    names = NAME_FIELDS[entity_type_id]
    left = [php.to_text(given.get(name, item.fields.get(name))) for name in names]
    if not any(left) and any(name in given for name in names):
        raise _required(names[-1])


def _set_multifields(state: PortalState, item: CrmItem, rows: list[tuple[int, Any]]) -> None:
    """Add phones and mails; a known id changes one, or removes it if empty."""
    for number, row in rows:
        value, type_id = php.to_text(row["value"]), php.to_text(row["typeId"])
        kind = field_value(row, "valueType")
        known = next((entry for entry in item.fm if entry.id == number), None)
        if known and value:
            known.value, known.value_type = value, php.to_text(kind) or known.value_type
        elif known:
            item.fm.remove(known)
        elif type_id and value:
            kind = php.to_text(kind) or "WORK"
            item.fm.append(Multifield(state.next_id("fm"), type_id, kind, value))


def _pair_links(entity_type_id: int, item: CrmItem, given: set[str]) -> None:
    """Make `contactId` and `contactIds` agree; a given list wins."""
    for one in ("contactId", "companyId"):
        many = f"{one}s"
        if many not in FIELDS[entity_type_id]:
            continue
        if many in given:
            item.fields[one] = next(iter(item.fields[many]), 0)
        elif one in given:
            item.fields[many] = [item.fields[one]] if item.fields[one] else []
