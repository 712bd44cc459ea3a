"""crm.contact.list and crm.company.list, deprecated but alive: upper keys, string values."""

from __future__ import annotations

from typing import Any

from sandbox.core import php
from sandbox.core.model import COMPANY, CONTACT, CrmItem
from sandbox.rest.call import Call, Page, method
from sandbox.rest.crm.fields import may_read, multifields
from sandbox.rest.crm.legacy import compile_legacy, legacy_page, sort_legacy
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
    return _listed(call, CONTACT)


@method("crm.company.list")
def company_list(call: Call) -> Page:
    return _listed(call, COMPANY)


def _listed(call: Call, kind: int) -> Page:
    """Category 0 only; PHONE and EMAIL match exactly and come only when selected."""
    require_crm(call)
    given = call.upper()
    filters = given.get("FILTER") if php.is_array(given.get("FILTER")) else {}
    test = compile_legacy(dict(php.entries(filters)))
    rows = [
        _shown(kind, item)
        for item in call.portal.state.crm(kind).values()
        if may_read(call.user, kind, item.id) and not item.fields.get("categoryId")
    ]
    rows = sort_legacy([row for row in rows if test(row)], given.get("ORDER"))
    selected = given.get("SELECT")
    select = [str(name).upper() for name in php.values(selected)] if php.is_array(selected) else []
    page = legacy_page(call, rows)
    page.result = [_selected(row, select) for row in page.result]
    return page


def _shown(kind: int, item: CrmItem) -> dict[str, Any]:
    row: dict[str, Any] = {"ID": str(item.id)}
    for upper, name in (_FIELDS[kind] | _COMMON).items():
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


def _selected(row: dict[str, Any], select: list[str]) -> dict[str, Any]:
    """`*` (or no select) means the scalar fields; an empty multifield has no key at all."""
    every = not select or "*" in select
    shown = {}
    for name, value in row.items():
        wanted = name in select or name == "ID" or (every and name not in _MULTI)
        if wanted and (name not in _MULTI or value):
            shown[name] = value
    return shown
