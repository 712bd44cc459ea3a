"""The editor: one record as it was loaded, and as it is being changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from waitlist.booking.note_wishes import read_wishes
from waitlist.models import (
    Age,
    CustomerRefs,
    CustomersByRef,
    LinkedDeal,
    Record,
    keys_of,
    note_digest,
)
from web.http.i18n import gettext as _
from web.http.i18n import isolated, ngettext
from web.presenters.booking.wishes import wish_chips
from web.presenters.customer_row import (
    CustomerRow,
    customer_row,
    in_order,
    names_of,
    namesakes_among,
)
from web.presenters.record_row import added_text, record_label


@dataclass(frozen=True, slots=True)
class EditorView:
    """A record in the editor. A new record has no `id`, but an `attempt` to create it.

    `base` are names of the customers as loaded, by their keys. If not `aged`, only the list knows
    how long the record has waited. `digest` stands for the note as loaded, `changed` says what the
    last change with the app was, and `wishes` what the note wishes.
    """

    id: int | None
    title: str
    label: str
    subtitle: str
    aged: bool
    rows: tuple[CustomerRow, ...]
    base: dict[str, str]
    note: str
    base_note: str
    digest: str
    attempt: str = ""
    changed: str = ""
    deals: tuple[LinkedDeal, ...] = ()
    wishes: tuple[str, ...] = ()


def editor_view(
    record: Record | None,
    customers: CustomersByRef,
    *,
    chosen: CustomerRefs | None = None,
    note: str | None = None,
    attempt: str = "",
    changed: str = "",
    resources: Mapping[int, str] | None = None,
) -> EditorView:
    """Return the editor of a loaded record, or of a new one.

    `chosen` and `note` are what the form holds, if that differs from the record. `resources` are
    names that the note may hold.
    """
    names = resources or {}
    shown = (record.note if record else "") if note is None else note
    base = record.customers if record else ()
    refs = in_order(base if chosen is None else chosen)
    namesakes = namesakes_among(customers[ref] for ref in refs if ref in customers)
    loaded = frozenset(base)
    rows = tuple(customer_row(ref, customers, refs, loaded, namesakes) for ref in refs)
    return EditorView(
        id=record.id if record else None,
        title=title_of(record, [row.name for row in rows]),
        label=record_label(record, [row.name for row in rows]) if record else "",
        subtitle=record_subtitle(record),
        aged=is_aged(record),
        rows=rows,
        base=dict(zip(keys_of(base), names_of(base, customers), strict=True)),
        note=shown,
        base_note=record.note if record else "",
        digest=note_digest(record.note) if record else "",
        attempt=attempt,
        changed=changed,
        deals=record.deals if record else (),
        wishes=wish_chips(read_wishes(shown, names), names),
    )


def title_of(record: Record | None, names: Sequence[str]) -> str:
    """Return who is on a record, or that it is empty or new."""
    if not names:
        return _("No customers") if record else _("New record")
    if len(names) == 1:
        return isolated(names[0])
    others = len(names) - 1
    text = ngettext("%(name)s and %(count)s more", "%(name)s and %(count)s more", others)
    return text % {"name": isolated(names[0]), "count": others}


def is_aged(record: Record | None) -> bool:
    """Return whether the subtitle says all that is known of a record's age."""
    return record is None or record.age is not Age.UNKNOWN


def record_subtitle(record: Record | None) -> str:
    """Return the number of a record and how long it has waited."""
    if record is None:
        return _("It joins the waiting list when you save it.")
    number = _("Record #%(id)s") % {"id": record.id}
    if record.created and record.days is not None and record.days < 2:
        text = _("added yesterday at %(time)s") if record.days else _("added today at %(time)s")
        return f"{number} · {text % {'time': f'{record.created:%-H:%M}'}}"
    if record.days:
        text = ngettext("added yesterday", "added %(count)s days ago", record.days)
        return f"{number} · {text % {'count': record.days}}"
    added = added_text(record.age)
    return f"{number} · {added}" if added else number
