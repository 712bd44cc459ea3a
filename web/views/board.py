"""The list of records, in groups by age."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from waitlist.models import Age, Board, Kind, Record
from web.views.customers import (
    NOT_DIGITS,
    Avatar,
    Customers,
    Gettext,
    Ngettext,
    avatar,
    in_order,
    name_of,
)

AGES = (Age.TODAY, Age.WEEK, Age.MONTH, Age.OLDER, Age.UNKNOWN)
AGE_LEVELS = {Age.MONTH: "warn", Age.OLDER: "late"}


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One record in the list. `search` and `phones` are what the search field looks through,
    `flags` the filters that the record passes, `customers` the keys of those it shows."""

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
    customers: str
    unverified: bool


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
    unverified: bool
    problem: None = None


def board_view(board: Board, _: Gettext, ngettext: Ngettext) -> BoardView:
    """The whole list: the youngest group first, in it the newest record first."""
    newest_first = sorted(board.records, key=lambda record: record.id, reverse=True)
    rows = [
        record_row(record, board.customers, _, ngettext, unverified=record.id in board.unverified)
        for record in newest_first
    ]
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
        unverified=bool(board.unverified),
        filters=(
            Filter("", _("All"), len(rows)),
            *(
                Filter(key, label, sum(key in row.flags for row in rows))
                for key, label in labels.items()
            ),
        ),
    )


def record_row(
    record: Record,
    customers: Customers,
    _: Gettext,
    ngettext: Ngettext,
    *,
    unverified: bool = False,
) -> RecordRow:
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
        age_text=_age_text(record, _, ngettext),
        age_level=AGE_LEVELS.get(record.age, ""),
        avatar=avatar(refs[0], customers) if refs else Avatar("?", "none"),
        search=plain(" ".join((*names, record.note, f"#{record.id}"))),
        phones=" ".join(digits),
        flags=_flags(record),
        customers=" ".join(ref.key for ref in record.customers),
        unverified=unverified,
    )


def plain(text: str) -> str:
    """Lower case without accents, as the page's script writes what is typed."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if unicodedata.category(char) != "Mn").lower()


def _age_text(record: Record, _: Gettext, ngettext: Ngettext) -> str:
    if record.days:
        return ngettext("%(count)s day", "%(count)s days", record.days) % {"count": record.days}
    return {
        Age.TODAY: _("today"),
        Age.WEEK: _("this week"),
        Age.MONTH: _("this month"),
        Age.OLDER: _("over a month"),
    }.get(record.age, "")


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
