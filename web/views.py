"""What the templates show, made from what the waiting list is: pure functions, no request, no I/O.

The first row of an editor is always the main customer: rows come contacts first, then companies,
which is how `waitlist.models.main_customer` chooses.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from waitlist.models import Age, Board, Customer, CustomerRef, Kind, Record

Gettext = Callable[[str], str]
Ngettext = Callable[[str, str, int], str]
Customers = Mapping[CustomerRef, Customer]
Refs = tuple[CustomerRef, ...]

CARD_PATHS = {Kind.CONTACT: "/crm/contact/details/{}/", Kind.COMPANY: "/crm/company/details/{}/"}
NOT_DIGITS = re.compile(r"\D+")
PHONE_QUERY = re.compile(r"[\d\s+()./-]+")
AGES = (Age.TODAY, Age.WEEK, Age.MONTH, Age.OLDER, Age.UNKNOWN)
AGE_LEVELS = {Age.MONTH: "warn", Age.OLDER: "late"}


@dataclass(frozen=True, slots=True)
class Avatar:
    """Initials in a shape: people are `round`, companies `square`, nobody known is `none`."""

    initials: str
    shape: str


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One record in the list. `search` and `phones` are what the search field looks through,
    `flags` the filters that the record passes."""

    id: int
    title: str
    more: str
    others: tuple[str, ...]
    note: str
    age: Age
    age_text: str
    age_level: str
    avatar: Avatar
    search: str
    phones: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The records of one age."""

    age: Age
    heading: str
    rows: tuple[RecordRow, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    key: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class BoardView:
    """The whole list. `problem` is None here, so that templates may ask whatever they got."""

    groups: tuple[Group, ...]
    total: int
    incomplete: bool
    filters: tuple[Filter, ...]
    problem: None = None


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One customer of a record. `movable` says whether they may become the main customer."""

    key: str
    name: str
    details: tuple[str, ...]
    avatar: Avatar
    visible: bool
    main: bool
    new: bool
    movable: bool
    crm_path: str


@dataclass(frozen=True, slots=True)
class BaseCustomer:
    """A customer as loaded; the name says who is missing once they are removed."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class EditorView:
    """A record being edited; `id` is None for one that does not exist yet."""

    id: int | None
    title: str
    subtitle: str
    rows: tuple[CustomerRow, ...]
    base: tuple[BaseCustomer, ...]
    note: str
    base_note: str

    @property
    def added(self) -> tuple[str, ...]:
        return tuple(row.name for row in self.rows if row.new)

    @property
    def removed(self) -> tuple[str, ...]:
        kept = {row.key for row in self.rows}
        return tuple(customer.name for customer in self.base if customer.key not in kept)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of text; marked where it is what the user typed."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class HitRow:
    """One customer that a search found, and the row they become when picked."""

    name: tuple[Part, ...]
    kind: str
    details: tuple[tuple[Part, ...], ...]
    state: str
    disabled: bool
    row: CustomerRow


@dataclass(frozen=True, slots=True)
class HitsView:
    """The answer to a search; `said` is what a screen reader says about it."""

    rows: tuple[HitRow, ...]
    said: str
    limited: bool


@dataclass(frozen=True, slots=True)
class ConflictView:
    """The three lists to choose from; what goes back with the choice are the keys and notes.

    `note` is mine, or theirs where I have not touched it. Without a `record_id` the choice goes
    back with the editor's form.
    """

    mine: tuple[str, ...]
    theirs: tuple[str, ...]
    both: tuple[str, ...]
    mine_keys: tuple[str, ...]
    theirs_keys: tuple[str, ...]
    note: str
    theirs_note: str
    record_id: int | None

    @property
    def notes_differ(self) -> bool:
        return self.note != self.theirs_note


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One change of a record. `restored` is the list that its button brings back."""

    id: int
    when: str
    who: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    restored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SavedView:
    """What the status line says after a save. `change` is what *Undo* undoes, if anything."""

    text: str
    record: int
    change: int | None = None


def board_view(board: Board, _: Gettext, ngettext: Ngettext) -> BoardView:
    """The whole list: the youngest group first, in it the newest record first."""
    newest_first = sorted(board.records, key=lambda record: record.id, reverse=True)
    rows = [record_row(record, board.customers, _, ngettext) for record in newest_first]
    headings = {
        Age.TODAY: _("Added today"),
        Age.WEEK: _("Added this week"),
        Age.MONTH: _("Added this month"),
        Age.OLDER: _("Added over a month ago"),
        Age.UNKNOWN: _("Added at an unknown time"),
    }
    labels = {
        "none": _("No customers"),
        "late": _("Over a month"),
        "company": _("With company"),
    }
    return BoardView(
        groups=tuple(
            Group(age, headings[age], tuple(row for row in rows if row.age is age)) for age in AGES
        ),
        total=len(rows),
        incomplete=not board.complete,
        filters=(
            Filter("", _("All"), len(rows)),
            *(
                Filter(key, label, sum(key in row.flags for row in rows))
                for key, label in labels.items()
            ),
        ),
    )


def record_row(record: Record, customers: Customers, _: Gettext, ngettext: Ngettext) -> RecordRow:
    """One record of the list."""
    refs = in_order(record.customers)
    names = [name_of(ref, customers, _) for ref in refs]
    known = [customers[ref] for ref in refs if ref in customers]
    digits = (NOT_DIGITS.sub("", phone) for customer in known for phone in customer.phones)
    number = _("Record #%(id)s") % {"id": record.id}
    return RecordRow(
        id=record.id,
        title=names[0] if names else _("No customers yet"),
        more=_more(len(names) - 1, ngettext),
        others=tuple(names[1:]),
        note=" ".join(record.note.split()) or number,
        age=record.age,
        age_text=_age_text(record.age, _),
        age_level=AGE_LEVELS.get(record.age, ""),
        avatar=avatar(refs[0], customers) if refs else Avatar("?", "none"),
        search=plain(" ".join((*names, record.note, f"#{record.id}"))),
        phones=" ".join(digits),
        flags=_flags(record),
    )


def editor_view(
    record: Record | None,
    customers: Customers,
    _: Gettext,
    ngettext: Ngettext,
    *,
    chosen: Refs | None = None,
    note: str | None = None,
) -> EditorView:
    """The editor of a record, or of a new one.

    `record` is what was loaded; `chosen` and `note` are what a form holds now, where it differs.
    """
    base = record.customers if record else ()
    refs = in_order(base if chosen is None else chosen)
    rows = tuple(customer_row(ref, customers, refs, base, _) for ref in refs)
    return EditorView(
        id=record.id if record else None,
        title=_title(record, rows, _, ngettext),
        subtitle=_subtitle(record, _),
        rows=rows,
        base=tuple(BaseCustomer(ref.key, name_of(ref, customers, _)) for ref in base),
        note=(record.note if record else "") if note is None else note,
        base_note=record.note if record else "",
    )


def customer_row(
    ref: CustomerRef, customers: Customers, chosen: Refs, base: Refs, _: Gettext
) -> CustomerRow:
    """One customer among the `chosen` ones of a record that was loaded with `base`."""
    customer = customers.get(ref, Customer(ref, None))
    details = (*customer.phones[:1], *customer.emails[:1])
    if not customer.visible:
        details = (_("You cannot see this customer in CRM. They stay on the record."),)
    return CustomerRow(
        key=ref.key,
        name=name_of(ref, customers, _),
        details=details or (_kind(ref.kind, _),),
        avatar=avatar(ref, customers),
        visible=customer.visible,
        main=ref in chosen[:1],
        new=ref not in base,
        movable=ref.kind is Kind.CONTACT or all(one.kind is Kind.COMPANY for one in chosen),
        crm_path=CARD_PATHS[ref.kind].format(ref.id),
    )


def hits_view(
    found: Sequence[Customer],
    chosen: Collection[CustomerRef],
    query: str,
    _: Gettext,
    ngettext: Ngettext,
    *,
    records: Mapping[CustomerRef, int] | None = None,
    limited: bool = False,
) -> HitsView:
    """What a search for `query` found, best hit first. `records` says on which other record a
    customer waits already; `limited` that there are more hits than these."""
    elsewhere = records or {}
    rows = tuple(
        HitRow(
            name=marked(customer.name or "", query),
            kind=_kind(customer.ref.kind, _),
            details=tuple(marked(text, query) for text in _best_details(customer, query)),
            state=_hit_state(customer.ref, chosen, elsewhere, _),
            disabled=customer.ref in chosen,
            row=customer_row(customer.ref, {customer.ref: customer}, (), (), _),
        )
        for customer in found
        if customer.visible
    )
    return HitsView(rows, _said(rows, query, _, ngettext), limited)


def conflict_view(
    mine: Refs,
    theirs: Refs,
    both: Refs,
    customers: Customers,
    _: Gettext,
    *,
    record_id: int | None = None,
    note: str = "",
    base_note: str = "",
    theirs_note: str = "",
) -> ConflictView:
    """What to choose from when both changed the same thing."""
    return ConflictView(
        mine=_names(in_order(mine), customers, _),
        theirs=_names(in_order(theirs), customers, _),
        both=_names(in_order(both), customers, _),
        mine_keys=tuple(ref.key for ref in mine),
        theirs_keys=tuple(ref.key for ref in theirs),
        note=theirs_note if note == base_note else note,
        theirs_note=theirs_note,
        record_id=record_id,
    )


def history_row(
    change_id: int,
    when: str,
    who: str,
    before: Refs,
    after: Refs,
    customers: Customers,
    _: Gettext,
) -> HistoryRow:
    """One change of the history; undoing it brings back the list `before`."""
    return HistoryRow(
        id=change_id,
        when=when,
        who=who,
        added=_names((ref for ref in after if ref not in before), customers, _),
        removed=_names((ref for ref in before if ref not in after), customers, _),
        restored=_names(in_order(before), customers, _),
    )


def in_order(refs: Iterable[CustomerRef]) -> Refs:
    """Contacts before companies, otherwise as they are: the main customer comes first."""
    return tuple(sorted(refs, key=lambda ref: ref.kind is Kind.COMPANY))


def name_of(ref: CustomerRef, customers: Customers, _: Gettext) -> str:
    """The customer's name, or `Contact #12` where CRM does not show it."""
    customer = customers.get(ref)
    if customer and customer.name is not None:
        return customer.name
    text = _("Contact #%(id)s") if ref.kind is Kind.CONTACT else _("Company #%(id)s")
    return text % {"id": ref.id}


def avatar(ref: CustomerRef, customers: Customers) -> Avatar:
    """Two letters that stand for a customer: of a person's two names, or of a company's one."""
    customer = customers.get(ref)
    words = re.findall(r"\w+", customer.name or "") if customer else []
    if not words:
        return Avatar("\N{EN DASH}", "none")
    if ref.kind is Kind.COMPANY:
        return Avatar(words[0][:2].upper(), "square")
    initials = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return Avatar(initials.upper(), "round")


def plain(text: str) -> str:
    """Lower case without accents, as the page's script writes what is typed."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if unicodedata.category(char) != "Mn").lower()


def marked(text: str, query: str) -> tuple[Part, ...]:
    """The text in pieces, the first place where the query stands in it marked. The separators
    within a phone number do not count."""
    found = _place(text, query)
    if found is None:
        return (Part(text, False),)
    start, end = found
    pieces = ((text[:start], False), (text[start:end], True), (text[end:], False))
    return tuple(Part(piece, is_marked) for piece, is_marked in pieces if piece)


def _place(text: str, query: str) -> tuple[int, int] | None:
    digits = NOT_DIGITS.sub("", query)
    if len(digits) > 1 and PHONE_QUERY.fullmatch(query):
        pattern = r"\D*".join(digits)
    else:
        pattern = re.escape(" ".join(query.split()))
    match = re.search(pattern, text, re.IGNORECASE) if pattern else None
    return match.span() if match else None


def _best_details(customer: Customer, query: str) -> tuple[str, ...]:
    """One phone and one e-mail: those that match if any does, else the first ones."""

    def best(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(text for text in texts if _place(text, query))[:1] or texts[:1]

    return best(customer.phones) + best(customer.emails)


def _hit_state(
    ref: CustomerRef,
    chosen: Collection[CustomerRef],
    records: Mapping[CustomerRef, int],
    _: Gettext,
) -> str:
    if ref in chosen:
        return _("already here")
    if ref in records:
        return _("on record #%(id)s") % {"id": records[ref]}
    return ""


def _said(rows: tuple[HitRow, ...], query: str, _: Gettext, ngettext: Ngettext) -> str:
    if not rows:
        return _("No customer found for “%(query)s”.") % {"query": query}
    count = ngettext("%(count)s customer found.", "%(count)s customers found.", len(rows))
    said = count % {"count": len(rows)}
    first = next((row.row.name for row in rows if not row.disabled), None)
    if first is None:
        return said
    return said + " " + _("Enter adds %(name)s.") % {"name": first}


def _title(
    record: Record | None, rows: tuple[CustomerRow, ...], _: Gettext, ngettext: Ngettext
) -> str:
    if not rows:
        return _("No customers yet") if record else _("New record")
    if len(rows) == 1:
        return rows[0].name
    others = len(rows) - 1
    text = ngettext("%(name)s and %(count)s more", "%(name)s and %(count)s more", others)
    return text % {"name": rows[0].name, "count": others}


def _subtitle(record: Record | None, _: Gettext) -> str:
    if record is None:
        return _("It joins the waiting list when you save it.")
    number = _("Record #%(id)s") % {"id": record.id}
    added = {
        Age.TODAY: _("added today"),
        Age.WEEK: _("added this week"),
        Age.MONTH: _("added this month"),
        Age.OLDER: _("added over a month ago"),
    }.get(record.age)
    return f"{number} · {added}" if added else number


def _age_text(age: Age, _: Gettext) -> str:
    return {
        Age.TODAY: _("today"),
        Age.WEEK: _("this week"),
        Age.MONTH: _("this month"),
        Age.OLDER: _("over a month"),
    }.get(age, "")


def _more(others: int, ngettext: Ngettext) -> str:
    if others < 1:
        return ""
    return ngettext("+ %(count)s more", "+ %(count)s more", others) % {"count": others}


def _flags(record: Record) -> tuple[str, ...]:
    flags = {
        "none": not record.customers,
        "late": record.age is Age.OLDER,
        "company": any(ref.kind is Kind.COMPANY for ref in record.customers),
    }
    return tuple(flag for flag, holds in flags.items() if holds)


def _kind(kind: Kind, _: Gettext) -> str:
    return _("Contact") if kind is Kind.CONTACT else _("Company")


def _names(refs: Iterable[CustomerRef], customers: Customers, _: Gettext) -> tuple[str, ...]:
    return tuple(name_of(ref, customers, _) for ref in refs)
