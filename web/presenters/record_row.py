"""The list of records, in groups by age."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from waitlist.models import (
    Age,
    Customer,
    CustomersByRef,
    Kind,
    OpenBoard,
    Record,
    keys_of,
    note_digest,
)
from waitlist.phones import read_numbers
from waitlist.texts import fold
from web.http.i18n import gettext as _
from web.http.i18n import listed, ngettext
from web.presenters.calls import CallView
from web.presenters.customer_row import Avatar, avatar, in_order, name_of

LONGEST_NOTE = 2_000
"""Characters of a note that the list shows and searches."""
LONGEST_LABEL = 40
"""Characters of a note that name a record without customers."""
DAYS_IN_WEEKS = 60
"""From so many days on, the time is told in weeks."""
AGE_LEVELS = {Age.MONTH: "warn", Age.OLDER: "late"}
"""The script of the main page leaves the color to those that have waited longest."""


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One record in the list.

    The `title` is the main customer or, where this user sees none of them, the note. `label` names
    the record where it stands alone. The second line is `phone` and `note`: the note or,
    without one, the phone of the main customer and the others. `search` and `phones` are the text
    and the numbers that the search field looks through, and `people` what it shows of them: a line
    for each customer, the main one first. The last line of `search` is the note. `flags` are the
    filters that the record passes. `customer_keys` are separated by spaces. `digest` stands for the
    whole note. `call` is the latest call of today.
    """

    id: int
    title: str
    label: str
    more: str
    others: tuple[str, ...]
    phone: str
    note: str
    days: int | None
    age: Age
    age_text: str
    age_level: str
    avatar: Avatar
    search: str
    phones: str
    people: str
    flags: tuple[str, ...]
    customer_keys: str
    digest: str
    unverified: bool
    call: CallView | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The records of one age. `since` says when they were added.

    Going through `rows` reads them.
    """

    age: Age
    heading: str
    since: str
    rows: Iterable[RecordRow]


def groups(board: OpenBoard, calls: Mapping[int, CallView]) -> Iterator[Group]:
    """Return a group for every age, the youngest first, also for ages without records.

    The rows of a group must be used up before the next group is asked for. Raises PortalError or
    WaitlistError on the way.
    """
    headings = {
        Age.TODAY: _("Added today"),
        Age.WEEK: _("Added this week"),
        Age.MONTH: _("Added this month"),
        Age.OLDER: _("Added over a month ago"),
        Age.UNKNOWN: _("Added at an unknown time"),
    }
    rows = (
        record_row(
            record,
            part.customers,
            unverified=record.id in board.unverified,
            call=calls.get(record.id),
        )
        for part in board.parts
        for record in part.records
    )
    by_age = groupby(rows, key=lambda row: row.age)
    age, present = next(by_age, (None, iter(())))
    for each, heading in headings.items():
        if each is age:
            yield Group(each, heading, added_text(each), present)
            age, present = next(by_age, (None, iter(())))
        else:
            yield Group(each, heading, added_text(each), ())


def record_row(
    record: Record,
    customers: CustomersByRef,
    *,
    unverified: bool = False,
    call: CallView | None = None,
) -> RecordRow:
    refs = in_order(record.customers)
    names = [name_of(ref, customers) for ref in refs]
    known = [customers.get(ref, Customer(ref, None)) for ref in refs]
    note = record.note[:LONGEST_NOTE]
    said = shorten_note(note)
    # Without a name of a customer, the note tells more than numbers in CRM.
    told = any(one.visible for one in known)
    main = customers.get(refs[0]) if refs else None
    number = _("Record #%(id)s") % {"id": record.id}
    empty = number if record.foreign else _("No customers")
    foreign = _("Has customers the app doesn't know") if record.foreign else ""
    return RecordRow(
        id=record.id,
        title=(names[0] if told else said or _count(len(names))) if names else empty,
        label=record_label(record, names if told else ()),
        more=_more(len(names) - 1) if told else "",
        others=tuple(names[1:]),
        phone="" if foreign or said or not main else next(iter(main.phones), ""),
        note=foreign
        or (listed(names) if names and not told else "")
        or said
        or _with(names[1:])
        or ("" if main and main.phones else number),
        days=record.days,
        age=record.age,
        age_text=_age_text(record),
        age_level=AGE_LEVELS.get(record.age, ""),
        avatar=avatar(refs[0], customers) if refs else Avatar("?", "none"),
        search="\n".join((*map(_searched, names, known), fold(f"{note} #{record.id}"))),
        phones="\n".join(map(_digits, known)),
        people="\n".join(map(_person, names, known)),
        flags=_flags(record),
        customer_keys=" ".join(keys_of(record.customers)),
        digest=note_digest(record.note),
        unverified=unverified,
        call=call,
    )


def shorten_note(note: str) -> str:
    """Return a note on one line, and not all of a very long one."""
    return " ".join(note[:LONGEST_NOTE].split())


def _searched(name: str, customer: Customer) -> str:
    return fold(" ".join((name, *customer.emails)))


def _digits(customer: Customer) -> str:
    numbers = (number for phone in customer.phones for number in read_numbers(phone))
    return " ".join(dict.fromkeys(word for one in numbers for word in (one.written, one.searched)))


def _person(name: str, customer: Customer) -> str:
    """Return a customer's key, name, phones and e-mails, separated by tabs."""
    texts = (customer.ref.key, name, *customer.phones, *customer.emails)
    return "\t".join(" ".join(text.split()) for text in texts)


def record_label(record: Record, names: Sequence[str]) -> str:
    """Return the words for a record where nothing else tells which it is."""
    if names:
        return names[0]
    number, note = _("Record #%(id)s") % {"id": record.id}, " ".join(record.note[:200].split())
    return f"{number} “{note[:LONGEST_LABEL]}”" if note else number


def _age_text(record: Record) -> str:
    if record.days and record.days >= DAYS_IN_WEEKS:
        weeks = record.days // 7
        return ngettext("%(count)s week", "%(count)s weeks", weeks) % {"count": weeks}
    if record.days:
        return ngettext("yesterday", "%(count)s days", record.days) % {"count": record.days}
    return {
        Age.TODAY: _("today"),
        Age.WEEK: _("this week"),
        Age.MONTH: _("this month"),
        Age.OLDER: _("over a month"),
    }.get(record.age, "")


def added_text(age: Age) -> str:
    """Say when a record was added, "" if its age is not known."""
    return {
        Age.TODAY: _("added today"),
        Age.WEEK: _("added this week"),
        Age.MONTH: _("added this month"),
        Age.OLDER: _("added over a month ago"),
    }.get(age, "")


def _count(customers: int) -> str:
    text = ngettext("%(count)s customer", "%(count)s customers", customers)
    return text % {"count": customers}


def _with(others: Sequence[str]) -> str:
    return _("with %(names)s") % {"names": listed(others)} if others else ""


def _more(others: int) -> str:
    if others < 1:
        return ""
    return ngettext("+ %(count)s more", "+ %(count)s more", others) % {"count": others}


def _flags(record: Record) -> tuple[str, ...]:
    flags = {
        "none": not record.customers and not record.foreign,
        "company": any(ref.kind is Kind.COMPANY for ref in record.customers),
    }
    return tuple(flag for flag, holds in flags.items() if holds)
