"""Reads forms that pages send."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

from werkzeug.datastructures import MultiDict

from bitrix24.ids import parse_id
from bitrix24.zones import find_zone
from store.calls.log import Mark, Result
from waitlist.errors import NoteTooLong
from waitlist.models import MOST_CUSTOMERS, CustomerRef, CustomerRefs, clean_note
from waitlist.records.edit import Edit, both_notes, unique
from waitlist.sources.bookings import Appointment, Span

LONGEST_QUERY = 100
"""Characters: no name is longer, and a portal would search for all of it."""
MOST_RESOURCES = 20
"""Of one booking."""
LONGEST_BOOKING = 7 * 24 * 3600
"""Seconds."""
MOST_DIGITS = 11
"""Of a time in seconds since 1970."""
LONGEST_NOTE = 10_000
"""Characters that a user may type. Notes from a portal may be longer and are kept as they are."""


DRAFT_KEY = ":new-"
"""In the key of a row whose customer is created when the record is saved."""


class BadForm(ValueError):
    """The form does not come from a page of the app, or was damaged on its way."""


@dataclass(frozen=True, slots=True)
class PickerForm:
    """What the picker sends: the text, the record (0 for a new one) and its customers."""

    query: str
    record_id: int
    chosen: CustomerRefs


@dataclass(frozen=True, slots=True)
class BookingForm:
    """What *Make booking* sends: appointment, record as it was seen, and first day shown."""

    appointment: Appointment
    customers: CustomerRefs
    note: str
    first: date | None


@dataclass(frozen=True, slots=True)
class CallForm:
    """What came of a call. A call back has a `time`, hour and minute, and may be a `to_do`, too."""

    result: Result
    time: tuple[int, int] | None
    to_do: bool


@dataclass(frozen=True, slots=True)
class UndoForm:
    """What *Undo* sends. `change` is the history row to undo, 0 without one.

    `made` says that the save created the record, which then had `seen_note`.
    `notes` are the notes before and after the save, None if it did not change the note.
    """

    change: int
    made: bool
    seen_note: str
    notes: tuple[str, str] | None


def read_edit(form: MultiDict[str, str]) -> Edit:
    """Read what the editor holds. Raises BadForm."""
    note, base_note = (clean_note(form.get(name)) for name in ("note", "base_note"))
    return Edit(read_refs(form, "base"), read_refs(form, "customer"), base_note, note)


def read_edit_to_save(form: MultiDict[str, str]) -> Edit:
    """Read the edit to save, which after a conflict is the user's `choice`.

    The version of the colleague that the user saw is then the new base, so that a third change is
    noticed again. Raises BadForm or NoteTooLong.
    """
    edit, choice = read_edit(form), form.get("choice", "")
    theirs, theirs_note = read_refs(form, "theirs"), clean_note(form.get("theirs_note"))
    wanted = {
        "": (edit.customers, edit.note),
        "mine": (edit.customers, edit.note),
        "theirs": (theirs, theirs_note),
        "both": (unique(edit.customers + theirs), both_notes(theirs_note, edit.note)),
    }
    if choice not in wanted:
        raise BadForm("unknown choice")
    customers, note = wanted[choice]
    if note not in (edit.base_note, theirs_note):
        _check_length(note)
    return Edit(theirs, customers, theirs_note, note) if choice else edit


def read_undo(form: MultiDict[str, str]) -> UndoForm:
    seen_note = clean_note(form.get("seen_note"))
    notes = (clean_note(form["note"]), seen_note) if "note" in form else None
    return UndoForm(read_id(form, "change"), "made" in form, seen_note, notes)


def read_customer(form: MultiDict[str, str]) -> CustomerRef:
    """Read the customer whose tab it is. Raises BadForm."""
    customers = read_refs(form, "customer")
    if len(customers) != 1:
        raise BadForm("not one customer")
    return customers[0]


def read_picker(form: MultiDict[str, str]) -> PickerForm:
    """Read what the picker sends. Raises BadForm."""
    query = form.get("q", "")[:LONGEST_QUERY]
    keys = [key for key in form.getlist("customer") if DRAFT_KEY not in key]
    return PickerForm(query, read_id(form, "record"), _read_keys(keys))


def read_note(form: MultiDict[str, str]) -> str:
    """Read the note of a new record. Raises NoteTooLong."""
    note = clean_note(form.get("note"))
    _check_length(note)
    return note


def read_booking(form: MultiDict[str, str]) -> BookingForm:
    """Read the time that was chosen, and what is to be booked. Raises BadForm."""
    customers, note = read_seen(form)
    return BookingForm(read_appointment(form), customers, note, read_day(form))


def read_appointment(form: MultiDict[str, str]) -> Appointment:
    """Read a time to book. Raises BadForm."""
    numbers = form.getlist("resource")
    resources = tuple(dict.fromkeys(map(read_number, numbers)))
    span, zone = Span(*(_read_moment(form, name) for name in ("from", "to"))), form.get("zone", "")
    sound = 0 < len(resources) <= MOST_RESOURCES and 0 < span.end - span.start <= LONGEST_BOOKING
    if not sound or find_zone(zone) is None:
        raise BadForm("not a time that was offered")
    return Appointment(resources, span, zone)


def read_day(form: MultiDict[str, str]) -> date | None:
    """Read the day from which free times are shown. Returns None without one. Raises BadForm."""
    text = form.get("first", "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadForm("not a day") from None


def _read_moment(form: MultiDict[str, str], name: str) -> int:
    """Read seconds since 1970. Raises BadForm."""
    text = form.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise BadForm("not a time")
    return int(text)


def read_call(form: MultiDict[str, str]) -> CallForm:
    """Read what came of a call. Raises BadForm."""
    try:
        result = Result(form.get("result", ""))
        if result is not Result.CALL_BACK:
            return CallForm(result, None, to_do=False)
        at = time.fromisoformat(form.get("at", ""))
    except ValueError:
        raise BadForm("not a result of a call") from None
    return CallForm(result, (at.hour, at.minute), "to_do" in form)


def read_calls_mark(form: MultiDict[str, str]) -> Mark | None:
    """Read how far a page knows the calls. Returns None if it does not say."""
    changed, _, moment = form.get("calls", "").partition(".")
    return Mark(parse_id(changed), parse_id(moment)) if parse_id(moment) else None


def read_seen(form: MultiDict[str, str]) -> tuple[CustomerRefs, str]:
    """Read the customers and the note of a record as the user saw them. Raises BadForm."""
    return read_refs(form, "seen"), clean_note(form.get("seen_note"))


def read_refs(form: MultiDict[str, str], name: str) -> CustomerRefs:
    """Read the customers in the fields of this name, each once. Raises BadForm."""
    return _read_keys(form.getlist(name))


def _read_keys(keys: Sequence[str]) -> CustomerRefs:
    if len(keys) > MOST_CUSTOMERS:
        raise BadForm("too many customers")
    return unique(tuple(read_ref(key) for key in keys))


def read_ref(key: str) -> CustomerRef:
    """Read a customer's key, such as `CONTACT:12`. Raises BadForm."""
    try:
        return CustomerRef.parse(key)
    except ValueError:
        raise BadForm("not a customer") from None


def read_id(form: MultiDict[str, str], name: str) -> int:
    """Read the ID in this field, 0 without one."""
    return parse_id(form.get(name, ""))


def read_number(text: str) -> int:
    """Read an ID of a portal. Raises BadForm."""
    number = parse_id(text)
    if not number:
        raise BadForm("not a number")
    return number


def _check_length(note: str) -> None:
    if len(note) > LONGEST_NOTE:
        raise NoteTooLong
