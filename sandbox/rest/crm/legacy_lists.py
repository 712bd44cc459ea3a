"""crm.contact.list and crm.company.list: older, upper-case keys, text values."""

from __future__ import annotations

from typing import Any

from sandbox.core import php
from sandbox.core.model import COMPANY, CONTACT, CrmItem
from sandbox.rest.call import Call, Page, method
from sandbox.rest.crm.fields import may_read, multifields
from sandbox.rest.crm.legacy import legacy_list
from sandbox.rest.crm.lookup import require_crm

_MULTI = ("PHONE", "EMAIL")
_FIELDS = {
    CONTACT: {
        "NAME": "name",
        "SECOND_NAME": "secondName",
        "LAST_NAME": "lastName",
        "POST": "post",
        "COMPANY_ID": "companyId",
    },
    COMPANY: {"TITLE": "title", "INDUSTRY": "industry", "IS_MY_COMPANY": "isMyCompany"},
}
_COMMON = {
    "TYPE_ID": "typeId",
    "ASSIGNED_BY_ID": "assignedById",
    "DATE_CREATE": "createdTime",
    "DATE_MODIFY": "updatedTime",
}


@method("crm.contact.list")
def contact_list(call: Call) -> Page:
    return _list_items(call, CONTACT)


@method("crm.company.list")
def company_list(call: Call) -> Page:
    return _list_items(call, COMPANY)


def _list_items(call: Call, entity_type_id: int) -> Page:
    """List items of category 0; PHONE and EMAIL match exactly, and come when selected."""
    require_crm(call)
    rows = [
        _serialize(entity_type_id, item)
        for item in call.portal.state.crm(entity_type_id).values()
        if may_read(call.user, entity_type_id, item.id) and not item.fields.get("categoryId")
    ]
    page = legacy_list(call, rows, dict(php.entries(call.upper_array("FILTER"))))
    select = [str(name).upper() for name in php.values(call.upper_array("SELECT"))]
    page.result = [_select(row, select) for row in page.result]
    return page


def _serialize(entity_type_id: int, item: CrmItem) -> dict[str, Any]:
    row: dict[str, Any] = {"ID": str(item.id)}
    for upper, name in (_FIELDS[entity_type_id] | _COMMON).items():
        row[upper] = php.to_text(item.fields.get(name)) or None
    flags = multifields(item)
    row |= {"HAS_PHONE": flags["hasPhone"], "HAS_EMAIL": flags["hasEmail"]}
    for type_id in _MULTI:
        row[type_id] = [
            {"ID": str(f.id), "VALUE_TYPE": f.value_type, "VALUE": f.value, "TYPE_ID": type_id}
            for f in item.fm
            if f.type_id == type_id
        ]
    return row


def _select(row: dict[str, Any], select: list[str]) -> dict[str, Any]:
    """Select fields; `*` is all but phones and mails, which are left out when empty."""
    every = not select or "*" in select
    shown = {}
    for name, value in row.items():
        wanted = name in select or name == "ID" or (every and name not in _MULTI)
        if wanted and (name not in _MULTI or value):
            shown[name] = value
    return shown
