"""The customers that a search found, with the matching text marked."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from waitlist.customers.query import Query, Typed, missing_digits, place_in
from waitlist.customers.search import MOST_HITS, Found
from waitlist.models import Customer, CustomerRef
from waitlist.phones import FEWEST_SAME
from web.http.i18n import N_, isolated, ngettext
from web.http.i18n import gettext as _
from web.presenters.customer_row import (
    CustomerRow,
    customer_row,
    kind_name,
    namesakes_among,
)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of text. It is marked if it matches what the user typed."""

    text: str
    marked: bool


CLOSED = N_("You have no access to contacts or companies in CRM. Ask your CRM administrator.")
WHOLE_NUMBER = N_(
    "Type the whole number with its country code. Your CRM doesn't find parts of a number."
)
Parts = tuple[Part, ...]
Texts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HitRow:
    """One customer that a search found, with its row for the editor."""

    name: Parts
    kind: str
    details: tuple[Parts, ...]
    state: str
    disabled: bool
    row: CustomerRow


@dataclass(frozen=True, slots=True)
class HitsView:
    """The answer to a search.

    A screen reader says `said`. `hint` stands above the customers or in their place. `create` is
    what a new customer would be called, "" if that is not offered.
    """

    rows: tuple[HitRow, ...]
    said: str
    limited: bool
    hint: str = ""
    create: str = ""


@dataclass(frozen=True, slots=True)
class InCrmView:
    """Customers in CRM for the main page, and what a new customer would be called.

    `hint` stands above them. `new` is "" if no new customer is offered.
    """

    rows: tuple[HitRow, ...] = ()
    limited: bool = False
    hint: str = ""
    new: str = ""


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
    a hit differs from a namesake on the same record. `create` offers to create a new customer.
    """
    rows = hit_rows(found, chosen, query, records=records or {}, known=known)
    query = " ".join(query.split())
    if found.closed:
        return HitsView((), str(CLOSED), False, str(CLOSED))
    if not query or not (rows or Query.parse(query)):
        hint = missing_digits_hint(query) or _(
            "Type a name, an e-mail, or 4 digits in a row from a phone number."
        )
        said = _("Customers you added recently.") if rows else hint
        return HitsView(rows, said, False, _("Recently added") if rows else hint)
    hint = _result_hint(found, rows, query)
    said = hint if not rows else f"{_said(rows)} {hint}".rstrip()
    return HitsView(rows, said, found.more, hint, _name_draft(query) if create else "")


def in_crm_view(
    found: Found, waiting: Collection[CustomerRef], query: str, known: Iterable[Customer]
) -> InCrmView:
    """Return what was found for a query.

    Those who are probably `waiting` come last: the page knows better and shows their records.
    """
    query = " ".join(query.split())
    if found.closed:
        return InCrmView(hint=str(CLOSED))
    if not Query.parse(query):
        return InCrmView(hint=missing_digits_hint(query))
    others = [one for one in found.customers if one.ref not in waiting]
    those = [one for one in found.customers if one.ref in waiting]
    shown = replace(found, customers=(*others[:MOST_HITS], *those[:MOST_HITS]))
    rows = hit_rows(shown, (), query, records={}, known=known)
    limited = found.more or len(others) > MOST_HITS
    return InCrmView(rows, limited, _result_hint(found, rows, query), _name_new(query))


def _result_hint(found: Found, rows: tuple[HitRow, ...], query: str) -> str:
    """Say that no customer was found, or what else to type."""
    none = "" if rows else _("No customer found for “%(query)s”.") % {"query": query}
    return f"{none} {WHOLE_NUMBER if found.only_whole else ''}".strip()


def hit_rows(
    found: Found,
    chosen: Collection[CustomerRef],
    query: str,
    *,
    records: Mapping[CustomerRef, int],
    known: Iterable[Customer],
) -> tuple[HitRow, ...]:
    """Return the customers that a search found, with what was searched marked in them."""
    seen = {customer.ref: customer for customer in (*known, *found.customers)}
    shown = {seen[ref] for ref in chosen if ref in seen} | {*found.customers}
    namesakes = namesakes_among(shown)
    best = {one: _best_details(one, query) for one in shown}
    times = Counter(best.values())
    return tuple(
        HitRow(
            name=marked(customer.name or "", query),
            kind=kind_name(customer.ref.kind),
            details=_details(
                best[customer], row.difference, query, is_shared=times[best[customer]] > 1
            ),
            state=_hit_state(customer.ref, chosen, records),
            disabled=customer.ref in chosen,
            row=row,
        )
        for customer in found.customers
        if customer.visible
        for row in [customer_row(customer.ref, seen, (), (), namesakes)]
    )


def missing_digits_hint(query: str) -> str:
    """Return how many digits to type before CRM is searched for a number, "" if none."""
    missing = missing_digits(query)
    if not missing:
        return ""
    return ngettext("Type one more digit.", "Type %(count)s more digits.", missing) % {
        "count": missing
    }


def marked(text: str, query: str) -> Parts:
    """Split a text so that the first place that matches the query is marked.

    Separators within a phone number do not count.
    """
    found = place_in(text, query)
    if found is None:
        return (Part(text, False),)
    start, end = found
    pieces = ((text[:start], False), (text[start:end], True), (text[end:], False))
    return tuple(Part(piece, is_marked) for piece, is_marked in pieces if piece)


def _details(best: Texts, difference: Texts, query: str, *, is_shared: bool) -> tuple[Parts, ...]:
    """Return what stands beside a name: what matches first, as a narrow line is cut off.

    The difference from a namesake is next, if not a phone or an e-mail makes it.
    """
    texts = (*difference, *best) if is_shared else (*best, *difference)
    parts = [marked(text, query) for text in texts]
    return tuple(sorted(parts, key=lambda one: not any(part.marked for part in one)))


def _best_details(customer: Customer, query: str) -> Texts:
    """Return one phone and one e-mail: the matching ones, or else the first ones."""

    def best(texts: Texts) -> Texts:
        return tuple(text for text in texts if place_in(text, query))[:1] or texts[:1]

    return best(customer.phones) + best(customer.emails)


def _hit_state(
    ref: CustomerRef, chosen: Collection[CustomerRef], records: Mapping[CustomerRef, int]
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
    adds = _("Enter adds %(name)s.")
    return said if first is None else f"{said} {adds % {'name': isolated(first)}}"


def _name_draft(query: str) -> str:
    """Return the words that offer to create a customer. A number or an e-mail is no name."""
    if not Typed.read(query).name:
        return _name_new(query)
    return _("Create “%(text)s”") % {"text": isolated(query)}


def _name_new(query: str) -> str:
    """Name a new customer by what was typed: a name, a number or its end, or an e-mail."""
    typed = Typed.read(query)
    if typed.name:
        return _("New customer “%(name)s”") % {"name": isolated(typed.name)}
    if typed.email:
        return _("New customer with e-mail %(email)s") % {"email": isolated(typed.email)}
    digits = sum(char.isdecimal() for char in typed.phone)
    phone = typed.phone if digits >= FEWEST_SAME else f"…{typed.phone}"
    return _("New customer with phone %(phone)s") % {"phone": isolated(phone)}
