"""The fields of contacts, companies and deals, and items as crm.item.* has them."""

import codecs
import math
from typing import Any

from sandbox.core import php
from sandbox.core.errors import RestError
from sandbox.core.model import COMPANY, CONTACT, DEAL, CrmItem, User
from sandbox.portal.portal import Portal
from sandbox.rest.call import Call
from sandbox.rest.crm.dates import parse_moment
from sandbox.rest.crm.phones import phone_search_words

_SYSTEM = {
    "id": "integer",
    "createdTime": "datetime",
    "updatedTime": "datetime",
    "createdBy": "user",
    "updatedBy": "user",
    "assignedById": "user",
    "opened": "boolean",
    "comments": "text",
    "categoryId": "crm_category",
}
_FLAT = {
    "phone": ("PHONE", None),
    "phoneMobile": ("PHONE", "MOBILE"),
    "phoneWork": ("PHONE", "WORK"),
    "email": ("EMAIL", None),
    "emailHome": ("EMAIL", "HOME"),
    "emailWork": ("EMAIL", "WORK"),
}
# The fields about phones and mails.
MULTI = {
    **dict.fromkeys(("hasPhone", "hasEmail"), "boolean"),
    **dict.fromkeys(_FLAT, "string"),
    "fm": "crm_multifield",
}
# Where another system has the item from, e.g. an import; filters find it again.
_ORIGIN = {"originatorId": "string", "originId": "string"}
FIELDS: dict[int, dict[str, str]] = {
    CONTACT: {
        **_SYSTEM,
        **_ORIGIN,
        "name": "string",
        "secondName": "string",
        "lastName": "string",
        "honorific": "crm_status",
        "post": "string",
        "birthdate": "date",
        "typeId": "crm_status",
        "sourceId": "crm_status",
        "companyId": "crm_company",
        "companyIds": "crm_company",
        **MULTI,
    },
    COMPANY: {
        **_SYSTEM,
        **_ORIGIN,
        "title": "string",
        "typeId": "crm_status",
        "industry": "crm_status",
        "isMyCompany": "boolean",
        **MULTI,
    },
    DEAL: {
        **_SYSTEM,
        **_ORIGIN,
        "title": "string",
        "typeId": "crm_status",
        "sourceId": "crm_status",
        "stageId": "crm_status",
        "opportunity": "double",
        "currencyId": "crm_currency",
        "closed": "boolean",
        "companyId": "crm_company",
        "contactId": "crm_contact",
        "contactIds": "crm_contact",
    },
}
_WHOLE = {"integer", "user", "crm_category", "crm_company", "crm_contact"}
READ_ONLY = {"id", "createdTime", "updatedTime", "createdBy", "updatedBy"}
READ_ONLY |= {"hasPhone", "hasEmail", "closed"}
MULTI_TYPES = ("PHONE", "EMAIL")
_MIDNIGHT: dict[str, Any] = {"hour": 0, "minute": 0, "second": 0, "microsecond": 0}


def get_entity_type_id(call: Call) -> int:
    number = call.integer("entityTypeId")
    if number not in FIELDS:
        raise RestError("ENTITY_TYPE_NOT_SUPPORTED", f"Entity type {number} is not supported")
    return number


def may_read(user: User, entity_type_id: int, item_id: int) -> bool:
    """Say whether a user may read an item; contacts and deals can be hidden."""
    hidden = {CONTACT: user.hidden_contacts, DEAL: user.hidden_deals}
    return item_id not in hidden.get(entity_type_id, ())


def cast(portal: Portal, entity_type_id: int, name: str, value: Any) -> Any:
    """Convert a value to the type of its field: ids, money, a flag, a day or text.

    Raises RestError for a single value where a list is expected, and for what is no date.
    Source: processFields in crm/lib/controller/item.php.
    """
    type_ = FIELDS[entity_type_id][name]
    if name.endswith("Ids"):
        return [php.to_int(number) for number in list_values(value)]
    if type_ in _WHOLE:
        return php.to_int(value)
    if type_ == "boolean":
        return "Y" if value is True or value in ("true", "y", "Y") else "N"
    if type_ == "date":
        return _cast_date(portal, name, php.to_text(value))
    if type_ == "double":
        number = float(value) if php.is_numeric(value) else 0.0
        return number if math.isfinite(number) else 0.0
    return php.to_text(value)


def list_values(value: Any) -> list[Any]:
    """Return the values of a list; nothing is an empty list, another value an error."""
    if value and not php.is_array(value):
        text = "Expected iterable value for multiple field, but got"
        raise RestError("100", f"{text} `{php.type_name(value)}` instead")
    return php.values(value or [])


def _cast_date(portal: Portal, name: str, text: str) -> str:
    """Return midnight in the portal's zone as an ISO time; no text is no date."""
    moment = parse_moment(portal, text)
    if text and moment is None:
        raise invalid_field(name)
    return moment.replace(tzinfo=portal.zone, **_MIDNIGHT).isoformat() if moment else ""


def invalid_field(name: str) -> RestError:
    text = f'Invalid value for field "{field_title(name)}"'
    return RestError("CRM_FIELD_ERROR_VALUE_NOT_VALID", text)


def upper_name(name: str) -> str:
    return "".join(f"_{char}" if char.isupper() else char.upper() for char in name)


def field_title(name: str) -> str:
    return upper_name(name).replace("_", " ").capitalize()


def describe_field(name: str, type_: str) -> dict[str, Any]:
    return {
        "type": type_,
        "isRequired": False,
        "isReadOnly": name in READ_ONLY,
        "isImmutable": False,
        "isMultiple": type_ == "crm_multifield" or name.endswith("Ids"),
        "isDynamic": False,
        "title": field_title(name),
    }


def is_crm_closed(call: Call) -> bool:
    """Say whether the user may read nothing in CRM."""
    user = call.user
    return user.extranet or not user.crm_read or call.take_fault("no_crm_rights") is not None


def serialize(entity_type_id: int, item: CrmItem) -> dict[str, Any]:
    """Return all fields as crm.item.get does, with `fm`."""
    known = FIELDS[entity_type_id]
    row: dict[str, Any] = {"id": item.id}
    row |= {
        name: item.fields.get(name, [] if name.endswith("Ids") else "")
        for name in known
        if name not in MULTI and name != "id"
    }
    if entity_type_id != DEAL:
        row |= multifields(item)
    return row


def multifields(item: CrmItem) -> dict[str, Any]:
    flat = {name: _first(item, *place) for name, place in _FLAT.items()}
    fm = [
        {"id": f.id, "valueType": f.value_type, "value": f.value, "typeId": f.type_id}
        for f in item.fm
    ]
    flags = {"hasPhone": "Y" if flat["phone"] else "N", "hasEmail": "Y" if flat["email"] else "N"}
    return {**flags, **flat, "fm": fm}


def _first(item: CrmItem, type_id: str, value_type: str | None) -> str:
    """Return the first value of a type as it was typed: what the flat fields hold."""
    for entry in item.fm:
        if entry.type_id == type_id and value_type in (None, entry.value_type):
            return entry.value
    return ""


def search_content(item: CrmItem) -> str:
    """Return the search column: letters in ROT13, and phones in several forms."""
    text = codecs.encode(" ".join([item.title, *item.values("EMAIL")]).upper(), "rot13")
    phones = map(phone_search_words, item.values("PHONE"))
    return " ".join([text, *(word for words in phones for word in words)])
