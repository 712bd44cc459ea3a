"""Reads what somebody did to a record from the form that the page sends."""

from __future__ import annotations

from dataclasses import dataclass, replace

from werkzeug.datastructures import MultiDict

from waitlist.errors import NoteTooLong
from waitlist.models import CustomerRef, CustomerRefs, clean_note, parse_id
from waitlist.records.edit import Edit, both_notes, unique

MOST_CUSTOMERS = 500
LONGEST_NOTE = 10_000
"""Characters that may be typed. What comes from a portal may be longer, and travels along as it
is."""


class BadForm(ValueError):
    """The form does not come from our page, or was damaged on its way."""


@dataclass(frozen=True, slots=True)
class EditForm:
    """An edit and what to do with it: `save`, `discard`, or one move for a page without script,
    such as `remove CONTACT:5`. `choice` answers the question after a conflict."""

    edit: Edit
    action: str
    choice: str
    theirs: CustomerRefs
    theirs_note: str

    def moved(self) -> Edit:
        """The edit after the one move that `action` names. Raises BadForm."""
        move, _, key = self.action.partition(" ")
        ref = read_ref(key)
        others = tuple(other for other in self.edit.customers if other != ref)
        if move == "remove":
            return replace(self.edit, customers=others)
        if move == "main":
            return replace(self.edit, customers=(ref, *others))
        if move == "add":
            return replace(self.edit, customers=unique((*self.edit.customers, ref)))
        raise BadForm("unknown action")

    def chosen(self) -> Edit:
        """The edit to save once somebody has chosen between theirs and mine: what they saw of
        theirs is the new base, so that a third change meanwhile is noticed again. Raises BadForm
        or NoteTooLong."""
        customers, note = {
            "": (self.edit.customers, self.edit.note),
            "mine": (self.edit.customers, self.edit.note),
            "theirs": (self.theirs, self.theirs_note),
            "both": (
                unique(self.edit.customers + self.theirs),
                both_notes(self.theirs_note, self.edit.note),
            ),
        }.get(self.choice, (None, ""))
        if customers is None:
            raise BadForm("unknown choice")
        if note not in (self.edit.base_note, self.theirs_note):
            _measure(note)
        if not self.choice:
            return self.edit
        return Edit(self.theirs, customers, self.theirs_note, note)


def read_edit(form: MultiDict[str, str]) -> EditForm:
    """Raises BadForm for anything our page would not send."""
    note, base_note = (clean_note(form.get(name)) for name in ("note", "base_note"))
    return EditForm(
        edit=Edit(read_refs(form, "base"), read_refs(form, "customer"), base_note, note),
        action=form.get("action", "save"),
        choice=form.get("choice", ""),
        theirs=read_refs(form, "theirs"),
        theirs_note=clean_note(form.get("theirs_note")),
    )


def read_customer(form: MultiDict[str, str]) -> CustomerRef:
    """The customer in whose tab somebody is."""
    customers = read_refs(form, "customer")
    if len(customers) != 1:
        raise BadForm("not one customer")
    return customers[0]


def read_customers(form: MultiDict[str, str]) -> CustomerRefs:
    """The customers that the editor shows at the moment."""
    return read_refs(form, "customer")


def read_note(form: MultiDict[str, str]) -> str:
    """The note of a record that is to be made. Raises NoteTooLong."""
    note = clean_note(form.get("note"))
    _measure(note)
    return note


def read_seen(form: MultiDict[str, str]) -> tuple[CustomerRefs, str]:
    """The customers and the note of a record as somebody saw it. Raises BadForm."""
    return read_refs(form, "seen"), clean_note(form.get("seen_note"))


def read_notes(form: MultiDict[str, str]) -> tuple[str, str] | None:
    """The note before and after a save that is to be undone; None where it has not changed."""
    if "note" not in form:
        return None
    return clean_note(form["note"]), clean_note(form.get("seen_note"))


def read_refs(form: MultiDict[str, str], name: str) -> CustomerRefs:
    """The customers in the fields of this name, each once. Raises BadForm."""
    keys = form.getlist(name)
    if len(keys) > MOST_CUSTOMERS:
        raise BadForm("too many customers")
    return unique(tuple(read_ref(key) for key in keys))


def read_ref(key: str) -> CustomerRef:
    """Raises BadForm for what is not a customer's key."""
    try:
        return CustomerRef.parse(key)
    except ValueError:
        raise BadForm("not a customer") from None


def read_number(text: str) -> int:
    """Raises BadForm for what is no number that a portal gives to things."""
    number = parse_id(text)
    if not number:
        raise BadForm("not a number")
    return number


def _measure(note: str) -> None:
    if len(note) > LONGEST_NOTE:
        raise NoteTooLong
