"""Finds customers by what a receptionist hears: a name, any part of a phone number, an e-mail."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bitrix24.batch import BatchAnswer, Command, php_map
from bitrix24.errors import MalformedCall, NotPermitted, Refused
from waitlist.customers.reader import PAGE_SIZE, CustomerReader, customers_in, item_list
from waitlist.models import Customer, CustomerRef, Kind, customer_ref
from waitlist.sources.quirks import Quirks

SHORTEST = 2
"""Letters; fewer would bring half the CRM."""
FEWEST_DIGITS = 4
SHOWN = 20
UNRANKED = 9
ASKED_AGAIN = 6 * 3600
"""Seconds after which a portal that refused to look for parts of phone numbers is tried again."""
NAME_FIELDS = {Kind.CONTACT: ("name", "lastName", "secondName"), Kind.COMPANY: ("title",)}
# Not people anybody books for: suppliers live in other categories, own companies carry a flag.
CUSTOMERS_ONLY: Mapping[Kind, Mapping[str, Any]] = {
    Kind.CONTACT: {"categoryId": 0},
    Kind.COMPANY: {"categoryId": 0, "isMyCompany": "N"},
}


@dataclass(frozen=True, slots=True)
class Found:
    """Customers, best first and not more than SHOWN; `more` says that there are others, `closed`
    that CRM shows this user nobody at all, `whole` that this portal finds phone numbers only whole
    and has found none like this."""

    customers: tuple[Customer, ...] = ()
    more: bool = False
    closed: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: `digits` of a phone number with the `words` as they were typed, `email`,
    or else `words` of a name."""

    words: tuple[str, ...] = ()
    digits: str = ""
    email: str = ""

    @classmethod
    def parse(cls, text: str) -> Query:
        # `%` and `_` are wildcards to a portal, `$` begins a reference inside a batch.
        words = tuple(re.sub(r"[%_$]", " ", text).split())
        query = " ".join(words)
        digits = digits_of(query)
        if len(digits) >= FEWEST_DIGITS and not re.search(r"[^\d\s()+./-]", query):
            return cls(words=words, digits=digits)
        if "@" in query:
            return cls(email=query)
        return cls(words=words) if len(query) >= SHORTEST else cls()

    @property
    def trunk(self) -> str:
        """The digits without the 0 or 00 that is dialled before a number, which CRM may hold
        in its international form."""
        trunk = self.digits.lstrip("0")
        return trunk if len(trunk) >= FEWEST_DIGITS else self.digits

    def rank(self, customer: Customer) -> int | None:
        """How well a customer fits: 0 exactly, None not at all as far as we can tell."""
        if self.digits:
            return _best(self._rank_phone(digits_of(phone)) for phone in customer.phones)
        if self.email:
            return _best(self._rank_email(email.casefold()) for email in customer.emails)
        return self._rank_name((customer.name or "").casefold())

    def _rank_phone(self, phone: str) -> int | None:
        fits = (
            phone == self.digits,
            phone.endswith(self.trunk),
            self.digits in phone,
            self.trunk in phone,
        )
        return next((rank for rank, holds in enumerate(fits) if holds), None)

    def _rank_email(self, email: str) -> int | None:
        wanted = self.email.casefold()
        fits = (email == wanted, email.startswith(wanted), wanted in email)
        return next((rank for rank, holds in enumerate(fits) if holds), None)

    def _rank_name(self, name: str) -> int | None:
        words = [word.casefold() for word in self.words]
        if not words or not all(word in name for word in words):
            return None
        if name.split() == words:
            return 0
        begins = all(any(part.startswith(word) for part in name.split()) for word in words)
        return 1 if begins else 2


def search(reader: CustomerReader, quirks: Quirks, text: str) -> Found:
    """Customers the user may see, one HTTP request (two when the portal knows an e-mail that is not
    the first of its customer, or a phone number that it finds only whole). Those whom the user has
    just seen come before others that fit as well, so that hits of `search_seen` stay where they
    are."""
    query = Query.parse(text)
    if not (query.words or query.email):
        return Found()
    parts = not query.digits or quirks.finds_parts_of_phones.get(reader.client.portal) is not False
    answer = reader.client.batch(_lists(query, parts) | _same(query))
    errors = [answer.errors.get(f"found_{kind}") for kind in Kind]
    if all(isinstance(error, NotPermitted) for error in errors):
        return Found(closed=True)
    if query.digits and any(isinstance(error, Refused | MalformedCall) for error in errors):
        # Its docs name `searchContent` a field, but promise of no field that lists are filtered by.
        quirks.finds_parts_of_phones.put(reader.client.portal, False, ASKED_AGAIN)
        parts = False
    found = {customer.ref: customer for customer in _found(answer)} if parts else {}
    # findbycomm also tells of whom this user may not see, and of suppliers; reading sorts them out.
    exact = set(_exact(answer)) - found.keys() if query.email or not parts else set()
    same = {ref: one for ref, one in reader.read(exact).items() if one.visible and one.offered}
    found |= same
    seen = {one.ref: one for one in reader.seen() if one.offered}
    full = [
        kind for kind in Kind if not parts or sum(ref.kind is kind for ref in found) >= PAGE_SIZE
    ]
    found |= {
        ref: one
        for ref, one in seen.items()
        if ref.kind in full and ref not in found and query.rank(one) is not None
    }
    hits = _in_order(query, found.values(), seen, same)
    reader.keep(hits.customers)
    return replace(hits, whole=not parts and not same)


def search_seen(reader: CustomerReader, text: str) -> Found:
    """Customers whom the user has just seen, without asking the portal."""
    query = Query.parse(text)
    fits = (one for one in reader.seen() if one.offered and query.rank(one) is not None)
    seen = {one.ref: one for one in fits}
    return _in_order(query, seen.values(), seen)


def digits_of(text: str) -> str:
    """The digits alone, so that `+1 (555) 01-42` and `5550142` compare."""
    return re.sub(r"\D", "", text)


def _best(ranks: Iterable[int | None]) -> int | None:
    return min((rank for rank in ranks if rank is not None), default=None)


def _in_order(
    query: Query,
    customers: Iterable[Customer],
    seen: Container[CustomerRef],
    same: Container[CustomerRef] = (),
) -> Found:
    """Customers by how well they fit. Of the `same` the portal says that they do: it may write a
    number in another way than we compare it."""
    ranked = []
    for customer in customers:
        rank = 0 if customer.ref in same else query.rank(customer)
        # CRM writes phone digits into its search text, and other numbers too. Names it compares
        # in its own way, with or without accents.
        if rank is None and query.digits:
            continue
        place = UNRANKED if rank is None else rank
        name = (customer.name or "").casefold()
        ranked.append(((place, customer.ref not in seen, name, customer.ref), customer))
    ranked.sort(key=lambda pair: pair[0])
    return Found(tuple(customer for _, customer in ranked[:SHOWN]), more=len(ranked) > SHOWN)


def _lists(query: Query, parts: bool) -> dict[str, Command]:
    """Looks for `parts` of phone numbers, e-mails and names. Without them it finds nobody, but
    hears to whom CRM is closed."""
    return {
        f"found_{kind}": item_list(kind, {**_criteria(query, kind, parts), **CUSTOMERS_ONLY[kind]})
        for kind in Kind
    }


def _criteria(query: Query, kind: Kind, parts: bool) -> Mapping[str, Any]:
    if query.digits:
        return {"%searchContent": query.trunk} if parts else {"@id": [0]}
    return {"%email": query.email} if query.email else _by_words(kind, query.words)


def _same(query: Query) -> dict[str, Command]:
    """Looks for the whole phone number, as it was typed and without what is dialled before it, or
    for the whole e-mail."""
    if query.digits:
        values = list(dict.fromkeys((" ".join(query.words), query.trunk)))
        return {f"exact_{kind}": same_comm("PHONE", values, kind) for kind in Kind}
    if query.email:
        return {f"exact_{kind}": same_comm("EMAIL", [query.email], kind) for kind in Kind}
    return {}


def same_comm(type_: str, values: Sequence[str], kind: Kind) -> Command:
    """Who has exactly one of these as a `PHONE` or `EMAIL`; `refs_in` reads the answer. Asked
    for each kind apart: with 20 matches of one, a portal leaves the other out. Source:
    restservice.php of the portal's crm module."""
    return Command(
        "crm.duplicate.findbycomm", {"type": type_, "values": values, "entity_type": kind}
    )


def refs_in(result: Any, kind: Kind) -> list[CustomerRef]:
    """The customers in an answer of `crm.duplicate.findbycomm`. The user may not see them all."""
    numbers = php_map(php_map(result).get(kind)).values()
    return [ref for number in numbers if (ref := customer_ref(kind, number))]


def _by_words(kind: Kind, words: Iterable[str]) -> dict[str, Any]:
    """Every word somewhere in the name: groups with numeric keys are ANDed, fields in one ORed."""
    groups: dict[str, Any] = {}
    for number, word in enumerate(words):
        group: dict[str, Any] = {"logic": "OR"}
        for index, name in enumerate(NAME_FIELDS[kind]):
            group[str(index)] = {f"%{name}": word}
        groups[str(number)] = group
    return groups


def _found(answer: BatchAnswer) -> list[Customer]:
    return [customer for kind in Kind for customer in customers_in(answer, f"found_{kind}", kind)]


def _exact(answer: BatchAnswer) -> Iterable[CustomerRef]:
    """Raises PortalError: nobody is to be taken for unknown because the portal stumbled."""
    for kind in Kind:
        yield from refs_in(answer.result(f"exact_{kind}"), kind)
