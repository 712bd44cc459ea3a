"""Writes whose outcome is not known, or was found to be another than expected."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from store.pending.writes import Kind, State, Write
from waitlist.models import CustomerRefs, CustomersByRef, refs_of
from web.http.i18n import gettext as _
from web.http.i18n import listed, ngettext
from web.presenters.customer_row import names_of

MINE = {State.ASKED, State.UNKNOWN, State.FOUND, State.FAILED, State.UNCLEAR}
"""States that only the user who wanted the write is told about."""


BOOKING = {Kind.BOOKING, Kind.BACK}


@dataclass(frozen=True, slots=True)
class PendingWriteRow:
    """The text about a write. A `final` one goes when it was read, `undone` ones may come back."""

    public_id: str
    record_id: int
    title: str
    text: str
    final: bool
    undone: bool


@dataclass(frozen=True, slots=True)
class PendingWritesView:
    """The rows. `mark` changes with them."""

    rows: tuple[PendingWriteRow, ...]
    mark: str


def shown_to(user_id: int, writes: Iterable[Write]) -> tuple[Write, ...]:
    """Return the writes that this user is told about."""
    return tuple(
        write
        for write in writes
        if write.state is State.UNDONE
        or (write.state in MINE and write.user_id == user_id and not write.in_flight)
    )


def undone_by(writes: Iterable[Write]) -> CustomerRefs:
    """Return the customers that late writes have taken off records."""
    undone = (write.seen for write in writes if write.state is State.UNDONE)
    return refs_of({key for keys in undone for key in keys})


def pending_writes_view(writes: Sequence[Write], names: CustomersByRef) -> PendingWritesView:
    rows = tuple(
        PendingWriteRow(
            public_id=write.public_id,
            record_id=write.record_id,
            title=_title(write),
            text=_text(write, names),
            final=write.state in {State.FOUND, State.FAILED, State.UNCLEAR, State.UNDONE},
            undone=write.state is State.UNDONE,
        )
        for write in writes
    )
    return PendingWritesView(
        rows, "-".join(f"{write.public_id[:8]}{write.state}" for write in writes)
    )


def _title(write: Write) -> str:
    number = _("Booking #%(id)s") if write.kind is Kind.BACK else _("Record #%(id)s")
    return number % {"id": abs(write.record_id)}


def _text(write: Write, names: CustomersByRef) -> str:
    if write.kind in BOOKING:
        return _booking_text(write)
    if write.state is State.FAILED:
        return _("Your changes were not saved.")
    if write.state is State.UNCLEAR:
        return _("We couldn't find out whether your changes were saved. Please check.")
    if write.state is not State.UNDONE:
        unknown = _("We can't tell yet whether your changes were saved.")
        return f"{unknown} {_('The app looks again by itself.')}"
    undone = names_of(refs_of(write.seen), names)
    return ngettext(
        "%(names)s left the record, because an earlier change took effect late.",
        "%(names)s left the record, because an earlier change took effect late.",
        len(undone),
    ) % {"names": listed(undone)}


def _booking_text(write: Write) -> str:
    back = write.kind is Kind.BACK
    if write.state is State.FOUND:
        return _("It is on the waiting list again.") if back else _("It is booked now.")
    if write.state is State.FAILED:
        return _("It was not put back.") if back else _("It was not booked.")
    if write.state is State.UNCLEAR:
        return _("We couldn't find out what has become of it. Please look in Online Booking.")
    unknown = _("We can't tell yet whether it was done.")
    return f"{unknown} {_('The app looks again by itself.')}"
