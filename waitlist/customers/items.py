"""Contacts and companies as CRM tells them: the shape of a row, and the customer that it means."""

import re
from collections.abc import Iterable
from itertools import islice

from msgspec import Struct, field

from bitrix24.answers import Rows
from bitrix24.ids import LenientId
from waitlist.models import Customer, CustomerRef, Kind

LONGEST_TEXT = 255
"""Characters that are read of a name, a phone or an e-mail. CRM keeps no more."""
MOST_NUMBERS = 100
"""Phones, and e-mails, that are read of a customer."""
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class Multifield(Struct, frozen=True, rename="camel"):
    """A phone, an e-mail or the like of a CRM item."""

    type_id: str = ""
    value: str = ""


class Item(Struct, frozen=True, rename="camel"):
    """A contact or company in an answer of `crm.item.*`."""

    id: LenientId = 0
    name: str = ""
    second_name: str = ""
    last_name: str = ""
    title: str = ""
    phone: str = ""
    email: str = ""
    fm: Rows[Multifield] = field(default_factory=Rows)
    category_id: LenientId = 0
    is_my_company: str = ""
    company_id: LenientId = 0
    created_time: str = ""


def customer_from(kind: Kind, item: Item) -> Customer:
    phones = _values(item.fm, "PHONE") or _texts(item.phone)
    emails = _values(item.fm, "EMAIL") or _texts(item.email)
    names = (item.name, item.second_name, item.last_name) if kind is Kind.CONTACT else (item.title,)
    ref = CustomerRef(kind, item.id)
    name = " ".join(_texts(*names)) or next(iter((*phones, *emails)), f"#{ref.id}")
    return Customer(
        ref,
        name,
        phones,
        emails,
        offered=not item.category_id and item.is_my_company != "Y",
        since=item.created_time[:10] if DAY.match(item.created_time) else "",
        company=item.company_id,
    )


def _values(multifields: Iterable[Multifield], type_id: str) -> tuple[str, ...]:
    values = (one.value[:LONGEST_TEXT] for one in multifields if one.type_id == type_id)
    return tuple(islice(dict.fromkeys(filter(None, values)), MOST_NUMBERS))


def _texts(*texts: str) -> tuple[str, ...]:
    cut = (text.strip()[:LONGEST_TEXT] for text in texts)
    return tuple(filter(None, cut))
