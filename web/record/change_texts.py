"""Says what others have changed since a record was read."""

from waitlist.context import UserContext
from waitlist.models import CustomerRefs, Record
from waitlist.records.edit import Edit
from waitlist.sources.history import PastChange, steps_since
from web.error_handlers import read_names
from web.http.i18n import gettext as _
from web.presenters.history import Names, change_text, user_ids

MOST_STEPS = 3
"""Changes that are told one by one: the latest ones."""


def own_changes_text(context: UserContext, edit: Edit) -> str:
    """Say what this user has changed and not saved yet."""
    change = PastChange(0, context.user_id, 0, edit.base, edit.customers)
    names = Names(read_names(context, tuple(change.touched)), {}, context.user_id)
    sentences = [change_text(change, names)] if edit.customers != edit.base else []
    if edit.note != edit.base_note:
        sentences.append(_("You changed the note"))
    return " · ".join(sentences)


def changes_since_text(
    context: UserContext, record: Record, base: CustomerRefs, base_note: str | None
) -> str:
    """Say how others have changed a record since it had these customers and this note.

    A `base_note` of None was another one than now.

    Costs no HTTP request unless a name has to be read.
    """
    changes = context.history.newest(record.id)
    steps = steps_since(changes, base, record.customers)[:MOST_STEPS]
    touched = tuple({ref for step in steps for ref in step.touched})
    users = context.user_names(user_ids(steps))
    names = Names(read_names(context, touched), users, context.user_id)
    sentences = [change_text(step, names) for step in reversed(steps)]
    if record.note != base_note:
        sentences.append(_("The note was changed"))
    return " · ".join(sentences) or _("Changed by a colleague")
