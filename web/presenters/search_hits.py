"""The customers that a search found, with the matching text marked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from waitlist.customers.query import Query
from waitlist.customers.search import Found
from waitlist.models import Customer, CustomerRef
from web.http.i18n import gettext as _
from web.http.i18n import ngettext
from web.presenters.customer_row import (
    CustomerRow,
    customer_row,
    difference,
    kind_name,
    namesakes_among,
)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of text. It is marked if it matches what the user typed."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class HitRow:
    """One customer that a search found, with its row for the editor."""

    name: tuple[Part, ...]
    kind: str
    details: tuple[tuple[Part, ...], ...]
    state: str
    disabled: bool
    row: CustomerRow


@dataclass(frozen=True, slots=True)
class HitsView:
    """The answer to a search.

    A screen reader says `said`. `hint` stands above the customers or in their place. `create` is
    the text to create a new customer from, "" if that is not offered.
    """

    rows: tuple[HitRow, ...]
    said: str
    limited: bool
    hint: str = ""
    create: str = ""


def hits_view(
    found: Found,
    chosen: Collection[CustomerRef],
    query: str,
    *,
    records: Mapping[CustomerRef, int] | None = None,
    known: Iterable[Customer] = (),
    create: bool = False,
) -> HitsView:
    """Return what a search for `query` found. Without a query, return customers added lately.

    `records` says on which other record a customer is. `known` are others that this user has seen:
    a hit shows what tells it from a namesake on the same record. `create` offers to create a new
    customer.
    """
    elsewhere = records or {}
    seen = {customer.ref: customer for customer in (*known, *found.customers)}
    beside = (seen[ref] for ref in chosen if ref in seen)
    namesakes = namesakes_among((*beside, *found.customers))
    rows = tuple(
        HitRow(
            name=marked(customer.name or "", query),
            kind=kind_name(customer.ref.kind),
            details=tuple(
                marked(text, query)
                for text in (
                    *_best_details(customer, query),
                    *(difference(customer, seen) if customer.ref in namesakes else ()),
                )
            ),
            state=_hit_state(customer.ref, chosen, elsewhere),
            disabled=customer.ref in chosen,
            row=customer_row(customer.ref, seen, (), (), namesakes),
        )
        for customer in found.customers
        if customer.visible
    )
    query = " ".join(query.split())
    if found.closed:
        hint = _("You have no access to contacts or companies in CRM. Ask your CRM administrator.")
        return HitsView((), hint, False, hint)
    if not query or not (rows or Query.parse(query)):
        hint = _("Type a name, an e-mail, or 4 digits in a row from a phone number.")
        said = _("Customers you added recently.") if rows else hint
        return HitsView(rows, said, False, "" if rows else hint)
    none = "" if rows else _("No customer found for “%(query)s”.") % {"query": query}
    advice = (
        _("Type the whole number with its country code. Your CRM doesn't find parts of a number.")
        if found.only_whole
        else ""
    )
    said = f"{none or _said(rows)} {advice}".rstrip()
    return HitsView(rows, said, found.more, f"{none} {advice}".strip(), query if create else "")


def marked(text: str, query: str) -> tuple[Part, ...]:
    """Split a text so that the first place that matches the query is marked.

    Separators within a phone number do not count.
    """
    found = _place(text, query)
    if found is None:
        return (Part(text, False),)
    start, end = found
    pieces = ((text[:start], False), (text[start:end], True), (text[end:], False))
    return tuple(Part(piece, is_marked) for piece, is_marked in pieces if piece)


def _place(text: str, query: str) -> tuple[int, int] | None:
    parsed = Query.parse(query)
    if parsed.phone:
        patterns = [r"\D*".join(part) for part in (parsed.numbers[0].written, *parsed.parts)]
    else:
        patterns = [re.escape(text) for text in (" ".join(query.split()), parsed.email) if text]
    matches = (re.search(pattern, text, re.IGNORECASE) for pattern in patterns)
    return next((match.span() for match in matches if match), None)


def _best_details(customer: Customer, query: str) -> tuple[str, ...]:
    """Return one phone and one e-mail: the matching ones, or else the first ones."""

    def best(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(text for text in texts if _place(text, query))[:1] or texts[:1]

    return best(customer.phones) + best(customer.emails)


def _hit_state(
    ref: CustomerRef,
    chosen: Collection[CustomerRef],
    records: Mapping[CustomerRef, int],
) -> str:
    if ref in chosen:
        return _("already here")
    if ref in records:
        return _("on record #%(id)s") % {"id": records[ref]}
    return ""


def _said(rows: tuple[HitRow, ...]) -> str:
    count = ngettext("%(count)s customer found.", "%(count)s customers found.", len(rows))
    said = count % {"count": len(rows)}
    first = next((row.row.label for row in rows if not row.disabled), None)
    if first is None:
        return said
    return said + " " + _("Enter adds %(name)s.") % {"name": first}
