"""Steps that tests of the picker share."""

from __future__ import annotations

import re

from sandbox.core.model import CrmItem, Multifield
from sandbox.portal.portal import Portal
from tests.cast import Person

HIT = re.compile(r'role="option" id="hit-\w+-\d+"[^>]*data-key="([A-Z]+:\d+)"')
ROW = re.compile(r'<li class="customer" data-key="([A-Z]+:\d+)"')
TAKE = re.compile(r'data-take="([A-Z]+:\d+)"')
NEW = "/customers/create"


def hits(person: Person, query: str, path: str = "/customers/search", **fields: str) -> list[str]:
    response = person.post(path, {"q": query, **fields})
    assert response.status_code == 200
    return HIT.findall(response.text)


def add_contact(portal: Portal, number: int, name: str, *values: str, **fields: object) -> str:
    """Add a contact to the portal's own database."""
    first, _, last = name.rpartition(" ")
    item = CrmItem(number, {"name": first, "lastName": last, "categoryId": 0, **fields})
    for at, value in enumerate(values):
        kind = "EMAIL" if "@" in value else "PHONE"
        item.fm.append(Multifield(number * 10 + at, kind, "WORK", value))
    portal.state.contacts[number] = item
    return f"CONTACT:{number}"


def draft(**fields: str) -> dict[str, str]:
    return {f"new_{name}": value for name, value in {"kind": "CONTACT", **fields}.items()}
