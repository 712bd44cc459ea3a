"""Finds customers by a name, any part of a phone number, or an e-mail."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bitrix24.batch import Command
from bitrix24.errors import MalformedCall, NotPermitted, Refused
from bitrix24.ids import LenientId
from bitrix24.lists import PAGE_SIZE
from waitlist.customers.query import Query
from waitlist.customers.reader import CustomerReader, Item, customers_in, item_list
from waitlist.models import Customer, CustomerRef, Kind
from waitlist.sources.quirks import Quirks

MOST_HITS = 20
UNRANKED = 9
ASKED_AGAIN = 6 * 3600
"""Seconds after which a portal that refused to look for parts of phone numbers is tried again."""
NAME_FIELDS = {Kind.CONTACT: ("name", "lastName", "secondName"), Kind.COMPANY: ("title",)}
CUSTOMERS_ONLY: Mapping[Kind, Mapping[str, Any]] = {
    Kind.CONTACT: {"categoryId": 0},
    Kind.COMPANY: {"categoryId": 0, "isMyCompany": "N"},
}
"""Excludes suppliers, which are in other categories, and the portal's own companies."""

CommMatches = dict[str, list[LenientId]]
"""The answer of `crm.duplicate.findbycomm`: IDs by kind."""


@dataclass(frozen=True, slots=True)
class Found:
    """Customers, the best first, at most MOST_HITS.

    `more` says that there are others, `closed` that CRM shows this user no customer at all, and
    `only_whole` that this portal finds phone numbers only as a whole and has found none like this.
    """

    customers: tuple[Customer, ...] = ()
    more: bool = False
    closed: bool = False
    only_whole: bool = False


def search(reader: CustomerReader, quirks: Quirks, text: str) -> Found:
    """Find customers that the user may see.

    Costs one HTTP request, or two if the portal knows an e-mail that is not its customer's first,
    or a phone number that it finds only as a whole. Customers in the cache come before others that
    fit as well, so that the hits of `search_cached` stay where they are. Raises PortalError.
    """
    query = Query.parse(text)
    if not (query.words or query.email):
        return Found()
    client = reader.client
    by_part = not query.digits or quirks.finds_parts_of_phones.get(client.portal) is not False
    lists, exact = _lists(query, by_part), _exact(query)
    answer = client.batch([*lists.values(), *exact.values()])
    errors = [answer.errors.get(command) for command in lists.values()]
    if all(isinstance(error, NotPermitted) for error in errors):
        return Found(closed=True)
    if query.digits and any(isinstance(error, Refused | MalformedCall) for error in errors):
        # The docs name a field `searchContent`, but do not promise that lists are filtered by it.
        quirks.finds_parts_of_phones.put(client.portal, False, ASKED_AGAIN)
        by_part = False
    found: dict[CustomerRef, Customer] = {}
    if by_part:
        listed = [one for kind in Kind for one in customers_in(answer, lists[kind], kind)]
        found = {customer.ref: customer for customer in listed}
    same: dict[CustomerRef, Customer] = {}
    if query.email or not by_part:
        matches = {ref for kind, call in exact.items() for ref in refs_in(answer[call], kind)}
        same = read_offered(reader, matches - found.keys())
        found |= same
    cached = {customer.ref: customer for customer in reader.cached() if customer.offered}
    full = [
        kind for kind in Kind if not by_part or sum(ref.kind is kind for ref in found) >= PAGE_SIZE
    ]
    found |= {
        ref: customer
        for ref, customer in cached.items()
        if ref.kind in full and ref not in found and query.rank(customer) is not None
    }
    hits = _in_order(query, found.values(), cached, same)
    reader.remember(hits.customers)
    return replace(hits, only_whole=not by_part and not same)


def search_cached(reader: CustomerReader, text: str) -> Found:
    """Find customers in the cache, without asking the portal."""
    query = Query.parse(text)
    fits = (one for one in reader.cached() if one.offered and query.rank(one) is not None)
    cached = {customer.ref: customer for customer in fits}
    return _in_order(query, cached.values(), cached)


def read_offered(
    reader: CustomerReader, refs: Iterable[CustomerRef]
) -> dict[CustomerRef, Customer]:
    """Read customers that findbycomm has named, without hidden ones and suppliers."""
    found = reader.read(refs).items()
    return {ref: customer for ref, customer in found if customer.visible and customer.offered}


def _in_order(
    query: Query,
    customers: Iterable[Customer],
    cached: Container[CustomerRef],
    same: Container[CustomerRef] = (),
) -> Found:
    """Return customers by how well they fit. `same` are exact matches by the portal's own rules."""
    ranked = []
    for customer in customers:
        rank = 0 if customer.ref in same else query.rank(customer)
        # CRM's search text holds phone digits and other numbers, too. CRM compares names in its own
        # way, with or without accents.
        if rank is None and query.digits:
            continue
        place = UNRANKED if rank is None else rank
        name = (customer.name or "").casefold()
        ranked.append(((place, customer.ref not in cached, name, customer.ref), customer))
    ranked.sort(key=lambda pair: pair[0])
    hits = tuple(customer for _, customer in ranked[:MOST_HITS])
    return Found(hits, more=len(ranked) > MOST_HITS)


def _lists(query: Query, by_part: bool) -> dict[Kind, Command[list[Item]]]:
    """Return the calls that find parts. If not `by_part`, they only tell whether CRM is closed."""
    return {
        kind: item_list(kind, {**_criteria(query, kind, by_part), **CUSTOMERS_ONLY[kind]})
        for kind in Kind
    }


def _criteria(query: Query, kind: Kind, by_part: bool) -> Mapping[str, Any]:
    if query.digits:
        return {"%searchContent": query.trunk} if by_part else {"@id": [0]}
    return {"%email": query.email} if query.email else _by_words(kind, query.words)


def _exact(query: Query) -> dict[Kind, Command[CommMatches]]:
    """Return calls that look for the whole e-mail, or the typed phone and its trunk."""
    if query.digits:
        values = list(dict.fromkeys((" ".join(query.words), query.trunk)))
        return {kind: same_comm("PHONE", values, kind) for kind in Kind}
    if query.email:
        return {kind: same_comm("EMAIL", [query.email], kind) for kind in Kind}
    return {}


def same_comm(type_: str, values: Sequence[str], kind: Kind) -> Command[CommMatches]:
    """Return the call that finds customers with exactly one of these values.

    `kind` is `PHONE` or `EMAIL`.

    `refs_in` reads the answer. Each kind needs a call of its own: with 20 matches of one kind, a
    portal leaves the other out. Source: restservice.php of the portal's crm module.
    """
    params = {"type": type_, "values": values, "entity_type": kind}
    return Command("crm.duplicate.findbycomm", params, CommMatches)


def refs_in(matches: CommMatches, kind: Kind) -> list[CustomerRef]:
    """Return the customers in an answer to `same_comm`. The user may not see all of them."""
    return [CustomerRef(kind, number) for number in matches.get(kind, []) if number]


def _by_words(kind: Kind, words: Iterable[str]) -> dict[str, Any]:
    """Return the criteria for a name. Numbered groups combine with AND, fields in each with OR."""
    groups: dict[str, Any] = {}
    for number, word in enumerate(words):
        fields = {str(index): {f"%{name}": word} for index, name in enumerate(NAME_FIELDS[kind])}
        groups[str(number)] = {"logic": "OR", **fields}
    return groups
