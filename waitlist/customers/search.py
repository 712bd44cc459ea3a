"""Finds customers by a name, any part of a phone number, or an e-mail."""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bitrix24.answers import Rows
from bitrix24.batch import Command
from bitrix24.errors import MalformedCall, NotPermitted, Refused
from bitrix24.ids import LenientId
from bitrix24.lists import PAGE_SIZE
from waitlist.customers.items import Item
from waitlist.customers.query import Query
from waitlist.customers.reader import (
    CustomerReader,
    customer_commands,
    customers_in,
    item_list,
)
from waitlist.models import Customer, CustomerRef, Kind
from waitlist.sources.quirks import Quirks
from waitlist.texts import fold, is_east_asian

MOST_HITS = 20
LONGEST_UNSPACED = 8
"""Characters of a name without spaces that is also searched in two parts."""
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
    """Customers, the best first: as many as were asked for, and those of the record that fit.

    `more` says that there are others, `closed` that CRM shows this user no customer at all, and
    `only_whole` that this portal finds phone numbers only as a whole and has found none like this.
    """

    customers: tuple[Customer, ...] = ()
    more: bool = False
    closed: bool = False
    only_whole: bool = False


def search(
    reader: CustomerReader,
    quirks: Quirks,
    text: str,
    *,
    most: int = MOST_HITS,
    chosen: Collection[CustomerRef] = (),
) -> Found:
    """Find at most this many customers that the user may see.

    Those that are `chosen` already are found, too, even suppliers. Costs one HTTP
    request, or two if the portal knows an e-mail that is not its customer's first, or a phone
    number that it finds only as a whole. Customers in the cache come before others that fit as
    well, so that the hits of `search_cached` stay where they are. Raises PortalError.
    """
    query = Query.parse(text, reader.country)
    if not query:
        return Found()
    client = reader.client
    by_part = not query.phone or quirks.finds_parts_of_phones.get(client.portal) is not False
    lists, exact, unknown = _lists(query, by_part), _exact(query), reader.uncached(chosen)
    answer = client.batch([*lists.values(), *exact.values(), *customer_commands(unknown)])
    errors = [answer.errors.get(command) for command in lists.values()]
    if all(isinstance(error, NotPermitted) for error in errors):
        return Found(closed=True)
    reader.take(unknown, answer)
    if query.phone and any(isinstance(error, Refused | MalformedCall) for error in errors):
        # The docs name a field `searchContent`, but do not promise that lists are filtered by it.
        quirks.finds_parts_of_phones.put(client.portal, False, ASKED_AGAIN)
        by_part = False
    found: dict[CustomerRef, Customer] = {}
    if by_part:
        listed = [one for kind in Kind for one in customers_in(answer, lists[kind], kind)]
        found = {customer.ref: customer for customer in listed}
    full = [
        kind for kind in Kind if not by_part or sum(ref.kind is kind for ref in found) >= PAGE_SIZE
    ]
    same: dict[CustomerRef, Customer] = {}
    if query.email or full:
        matches = {ref for kind, call in exact.items() for ref in refs_in(answer[call], kind)}
        same = read_offered(reader, matches - found.keys())
        found |= same
    cached = {customer.ref: customer for customer in reader.cached() if customer.offered}
    found |= {
        ref: customer
        for ref, customer in cached.items()
        if ref.kind in full and ref not in found and query.rank(customer) is not None
    }
    found = {**_fitting(reader, query, chosen), **found}
    hits = _in_order(query, found.values(), cached, same=same, most=most, chosen=chosen)
    reader.remember(hits.customers)
    unread = any(rows.unreadable for one in lists.values() if (rows := answer.get(one)) is not None)
    return replace(hits, more=hits.more or unread, only_whole=not by_part and not same)


def search_cached(reader: CustomerReader, text: str, chosen: Collection[CustomerRef] = ()) -> Found:
    query = Query.parse(text, reader.country)
    fits = (one for one in reader.cached() if one.offered and query.rank(one) is not None)
    cached = {customer.ref: customer for customer in fits} | _fitting(reader, query, chosen)
    return _in_order(query, cached.values(), cached, chosen=chosen)


def _fitting(
    reader: CustomerReader, query: Query, chosen: Collection[CustomerRef]
) -> dict[CustomerRef, Customer]:
    """Return those of the chosen customers in the cache that fit, suppliers, too."""
    wanted = frozenset(chosen)
    those = (one for one in reader.cached() if one.ref in wanted)
    return {customer.ref: customer for customer in those if query.rank(customer) is not None}


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
    *,
    same: Container[CustomerRef] = (),
    most: int = MOST_HITS,
    chosen: Container[CustomerRef] = (),
) -> Found:
    """Return customers by how well they fit. `same` are exact matches by the portal's own rules.

    Those that are `chosen` are always among them.
    """
    ranked = []
    for customer in customers:
        rank = 0 if customer.ref in same else query.rank(customer)
        # A portal compares numbers and names in its own way, so none of its hits is dropped.
        place = UNRANKED if rank is None else rank
        name = fold(customer.name or "")
        ranked.append(((place, customer.ref not in cached, name, customer.ref), customer))
    ranked.sort(key=lambda pair: pair[0])
    hits = [customer for _, customer in ranked[:most]]
    hits += [customer for _, customer in ranked[most:] if customer.ref in chosen]
    return Found(tuple(hits), more=len(ranked) > len(hits))


def _lists(query: Query, by_part: bool) -> dict[Kind, Command[Rows[Item]]]:
    """Return the calls that find parts. If not `by_part`, they only tell whether CRM is closed."""
    return {
        kind: item_list(kind, {**_criteria(query, kind, by_part), **CUSTOMERS_ONLY[kind]})
        for kind in Kind
    }


def _criteria(query: Query, kind: Kind, by_part: bool) -> Mapping[str, Any]:
    if query.phone:
        return containing(query.parts) if by_part else {"@id": [0]}
    if not query.email:
        return _by_words(kind, query.words)
    email = {"%email": query.email}
    return _any_of([email, _by_words(kind, query.words)]) if query.words else email


def containing(digits: Sequence[str]) -> Mapping[str, Any]:
    """Return the criteria for customers with these digits in CRM's search text."""
    return _any_of([{"%searchContent": part} for part in digits])


def _exact(query: Query) -> dict[Kind, Command[CommMatches]]:
    """Return the calls that look for the whole e-mail or number."""
    if query.phone:
        return {kind: find_by_comm("PHONE", query.spellings, kind) for kind in Kind}
    if query.email:
        return {kind: find_by_comm("EMAIL", [query.email], kind) for kind in Kind}
    return {}


def find_by_comm(type_: str, values: Sequence[str], kind: Kind) -> Command[CommMatches]:
    """Return the call that finds customers with exactly one of these values.

    `kind` is `PHONE` or `EMAIL`.

    `refs_in` reads the answer. Each kind needs a call of its own: with 20 matches of one kind, a
    portal leaves the other out. Source: restservice.php of the portal's crm module.
    """
    params = {"type": type_, "values": values, "entity_type": kind}
    return Command("crm.duplicate.findbycomm", params, CommMatches)


def refs_in(matches: CommMatches, kind: Kind) -> list[CustomerRef]:
    """Return the customers in an answer to `find_by_comm`. The user may not see all of them."""
    return [CustomerRef(kind, number) for number in matches.get(kind, []) if number]


def _by_words(kind: Kind, words: Sequence[str]) -> dict[str, Any]:
    """Return the criteria for a name. Numbered groups combine with AND."""
    return {str(number): _by_word(kind, word) for number, word in enumerate(words)}


def _by_word(kind: Kind, word: str) -> dict[str, Any]:
    words = [word] if is_east_asian(word) else dict.fromkeys(filter(None, (word, fold(word))))
    ways: list[Mapping[str, Any]] = [
        {f"%{name}": one} for one in words for name in NAME_FIELDS[kind]
    ]
    if kind is Kind.CONTACT and is_east_asian(word) and len(word) <= LONGEST_UNSPACED:
        # A name without a space: it may be the last name and the first one, or the other way round.
        for at in range(1, len(word)):
            one, other = word[:at], word[at:]
            ways += ({"%lastName": one, "%name": other}, {"%lastName": other, "%name": one})
    return _or(ways)


def _any_of(ways: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return ways[0] if len(ways) == 1 else {"0": _or(ways)}


def _or(ways: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {"logic": "OR", **{str(number): way for number, way in enumerate(ways)}}
