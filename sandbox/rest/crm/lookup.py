"""Older CRM methods: duplicates, and links between items."""

from __future__ import annotations

from typing import Any

from sandbox.core import errors, php
from sandbox.core.model import COMPANY, CONTACT, DEAL, CrmItem
from sandbox.rest.call import Call, method
from sandbox.rest.crm.fields import digits, is_crm_closed, may_read

_MAX_VALUES = 20
_MAX_MATCHES = 20


def require_crm(call: Call) -> None:
    if is_crm_closed(call):
        raise errors.legacy_error("Access denied.")


@method("crm.duplicate.findbycomm")
def find_by_comm(call: Call) -> Any:
    """Find items by phone or mail, without a check of rights; `[]` if there are none."""
    given = call.upper_params()
    require_crm(call)
    kind = php.to_text(given.get("TYPE")).upper()
    if not kind:
        raise errors.legacy_error("Communication type is not defined.")
    if kind not in ("EMAIL", "PHONE"):
        text = f"Communication type '{kind}' is not supported in current context."
        raise errors.legacy_error(text)
    values = php.values(call.upper_array("VALUES"))
    wanted = list(dict.fromkeys(value for value in values if isinstance(value, str) and value))
    if not wanted:
        raise errors.legacy_error("Communication values is not defined.")
    entity = php.to_text(given.get("ENTITY_TYPE")).upper()
    found: dict[str, list[int]] = {}
    for name, number in (("CONTACT", CONTACT), ("COMPANY", COMPANY)):
        if entity in ("", name):
            ids = _find_ids(call, number, kind, wanted[:_MAX_VALUES])
            if ids:
                found[name] = ids
    return found or []


def _find_ids(call: Call, entity_type_id: int, kind: str, wanted: list[str]) -> list[int]:
    ids: list[int] = []
    for value in wanted:
        key = _normalize(kind, value)
        hits = [
            item.id
            for item in call.portal.state.crm(entity_type_id).values()
            if any(f.type_id == kind and _normalize(kind, f.value) == key for f in item.fm)
        ]
        ids += [number for number in hits[:_MAX_MATCHES] if number not in ids]
    return ids


def _normalize(kind: str, value: str) -> str:
    return digits(value.split(";")[0]) if kind == "PHONE" else value.strip().casefold()


def _find_item(call: Call, entity_type_id: int) -> CrmItem:
    """Return the item whose links are asked for; raises the older methods' errors."""
    require_crm(call)
    number = php.to_int(call.upper_params().get("ID"))
    item = call.portal.state.crm(entity_type_id).get(number)
    if item is None:
        raise errors.legacy_error("Not found.")
    if not may_read(call.user, entity_type_id, number):
        raise errors.legacy_error("Access denied.")
    return item


def _link_rows(key: str, ids: list[int], roles: bool = True) -> list[dict[str, Any]]:
    role = {"ROLE_ID": 0} if roles else {}
    return [
        {key: number, "SORT": 10 * at, **role, "IS_PRIMARY": "Y" if at == 1 else "N"}
        for at, number in enumerate(ids, start=1)
    ]


@method("crm.deal.contact.items.get")
def deal_contacts(call: Call) -> list[dict[str, Any]]:
    return _link_rows("CONTACT_ID", _find_item(call, DEAL).fields.get("contactIds") or [])


@method("crm.company.contact.items.get")
def company_contacts(call: Call) -> list[dict[str, Any]]:
    company = _find_item(call, COMPANY).id
    contacts = call.portal.state.contacts.values()
    ids = [c.id for c in contacts if company in (c.fields.get("companyIds") or [])]
    return _link_rows("CONTACT_ID", ids, roles=False)


@method("crm.contact.company.items.get")
def contact_companies(call: Call) -> list[dict[str, Any]]:
    ids = _find_item(call, CONTACT).fields.get("companyIds") or []
    return _link_rows("COMPANY_ID", ids, roles=False)
