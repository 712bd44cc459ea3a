"""Finds customers by what a receptionist hears: a name, the end of a phone number, an e-mail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bitrix24.batch import BatchAnswer, Command, php_map
from bitrix24.client import PortalClient
from waitlist.customers import CustomerReader, customers_in, item_list
from waitlist.models import Customer, CustomerRef, Kind

SHORTEST = 2
"""Letters; fewer would bring half the CRM."""
FEWEST_DIGITS = 4
SHOWN = 20
NAME_FIELDS = {Kind.CONTACT: ("name", "lastName", "secondName"), Kind.COMPANY: ("title",)}
# Not people anybody books for: suppliers live in other categories, own companies carry a flag.
CUSTOMERS_ONLY: Mapping[Kind, Mapping[str, Any]] = {
    Kind.CONTACT: {"categoryId": 0},
    Kind.COMPANY: {"categoryId": 0, "isMyCompany": "N"},
}


def search(client: PortalClient, reader: CustomerReader, text: str) -> list[Customer]:
    """Customers the user may see, best first, one HTTP request (two when an e-mail is known to
    the portal but is not the first of its customer). One more than SHOWN means there are more."""
    # `%` and `_` are wildcards to a portal, `$` begins a reference inside a batch.
    words = re.sub(r"[%_$]", " ", text).split()
    query = " ".join(words)
    digits = digits_of(query)
    if len(digits) >= FEWEST_DIGITS and not re.search(r"[^\d\s()+./-]", query):
        return _by_digits(client, reader, digits)
    if "@" in query:
        return _by_email(client, reader, query)
    if len(query) < SHORTEST:
        return []
    answer = client.batch(
        {f"found_{kind}": item_list(kind, _by_words(kind, words)) for kind in Kind}
    )
    return _shown(reader, _found(answer))


def digits_of(text: str) -> str:
    """The digits alone, so that `+1 (555) 01-42` and `5550142` compare."""
    return re.sub(r"\D", "", text)


def _by_digits(client: PortalClient, reader: CustomerReader, digits: str) -> list[Customer]:
    # CRM writes phone digits into its search text, and other numbers too: keep the phones only.
    criteria = {"%searchContent": digits}
    answer = client.batch(
        {f"found_{kind}": item_list(kind, _only(kind, criteria)) for kind in Kind}
    )
    found = [
        (customer, phone)
        for customer in _found(answer)
        if (phone := next((p for p in map(digits_of, customer.phones) if digits in p), None))
    ]
    found.sort(key=lambda hit: (hit[1] != digits, not hit[1].endswith(digits)))
    return _shown(reader, [customer for customer, _ in found])


def _by_email(client: PortalClient, reader: CustomerReader, email: str) -> list[Customer]:
    commands = {
        f"found_{kind}": item_list(kind, _only(kind, {"%email": email})) for kind in Kind
    } | {
        f"exact_{kind}": Command(
            "crm.duplicate.findbycomm", {"type": "EMAIL", "values": [email], "entity_type": kind}
        )
        for kind in Kind
    }
    answer = client.batch(commands)
    found = _found(answer)
    exact = set(_exact(answer)) - {customer.ref for customer in found}
    # findbycomm also tells of customers that this user may not see; reading them sorts that out.
    more = [customer for customer in reader.read(exact).values() if customer.visible]
    return _shown(reader, more + found)


def _by_words(kind: Kind, words: Iterable[str]) -> dict[str, Any]:
    """Every word somewhere in the name: groups with numeric keys are ANDed, fields in one ORed."""
    groups: dict[str, Any] = {}
    for number, word in enumerate(words):
        group: dict[str, Any] = {"logic": "OR"}
        for index, name in enumerate(NAME_FIELDS[kind]):
            group[str(index)] = {f"%{name}": word}
        groups[str(number)] = group
    return _only(kind, groups)


def _only(kind: Kind, criteria: Mapping[str, Any]) -> dict[str, Any]:
    return {**criteria, **CUSTOMERS_ONLY[kind]}


def _found(answer: BatchAnswer) -> list[Customer]:
    return [customer for kind in Kind for customer in customers_in(answer, f"found_{kind}", kind)]


def _exact(answer: BatchAnswer) -> Iterable[CustomerRef]:
    for kind in Kind:
        for number in php_map(answer.results.get(f"exact_{kind}")).get(kind) or []:
            yield CustomerRef(kind, int(number))


def _shown(reader: CustomerReader, customers: list[Customer]) -> list[Customer]:
    shown = customers[: SHOWN + 1]
    reader.keep(shown)
    return shown
