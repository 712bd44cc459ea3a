"""Removes several records at once, and tells what becomes of each."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, request

from waitlist.bulk.remove import (
    MOST,
    Outcome,
    Removal,
    Removals,
    Seen,
    preview,
    remove_all,
    with_outcome,
)
from waitlist.context import UserContext
from waitlist.models import MOST_CUSTOMERS, note_digest
from web.error_handlers import create_blueprint, read_names
from web.forms import BadForm, read_number, read_ref
from web.frame import current_frame
from web.http.i18n import N_
from web.http.i18n import gettext as _
from web.problems.pages import render
from web.problems.problem import only_reads, words_of
from web.record.change_texts import changes_since_text
from web.record.latest_calls import rows_with_calls

bp = create_blueprint("bulk_removal", __name__)
WORDS = {
    Outcome.REMOVED: N_("removed"),
    Outcome.GONE: N_("removed already"),
    Outcome.KEPT: N_("kept"),
    Outcome.UNKNOWN: N_("not known yet"),
}


@dataclass(frozen=True, slots=True)
class RemovalView:
    """The outcome of a removal in a word, with the `reason` if it was not removed."""

    id: int
    outcome: Outcome
    word: str
    reason: str


@bp.post("/records/removal")
@only_reads
def preview_removal() -> Response:
    """Tell what would become of the records. Nothing is removed."""
    context, seen = current_frame().context, _read_seen(request.form.getlist("shown"))
    removals = preview(context, seen)
    return _answer(context, seen, removals, with_outcome(removals, Outcome.GONE))


@bp.post("/records/remove")
def remove_records() -> Response:
    """Remove the records that are as the page shows them.

    The page's script sends this when the time for *Undo* is up.
    """
    context, seen = current_frame().context, _read_seen(request.form.getlist("shown"))
    removals = remove_all(context, seen)
    return _answer(context, seen, removals, with_outcome(removals, Outcome.REMOVED, Outcome.GONE))


def _answer(
    context: UserContext, seen: Mapping[int, Seen], removals: Removals, gone: list[int]
) -> Response:
    """Answer with the outcome for each record, and with rows that are gone or changed."""
    changed = [removal.now for removal in removals.values() if removal.now]
    # Also those that are on the records no more, so that no reason has to read them one by one.
    refs = {ref for one in changed for ref in (*one.customers, *seen[one.id].customers)}
    names = read_names(context, tuple(refs))
    views = [_view(context, one, seen[one], removals[one]) for one in seen]
    rows = rows_with_calls(context, changed, names)
    return render("bulk/outcomes.html", removals=views, rows=rows, gone=gone)


def _view(context: UserContext, record_id: int, seen: Seen, removal: Removal) -> RemovalView:
    reason = ""
    if now := removal.now:
        base_note = now.note if note_digest(now.note) == seen.note else None
        reason = changes_since_text(context, now, seen.customers, base_note)
    elif removal.error:
        reason = words_of(removal.error).text
    if removal.outcome is Outcome.UNKNOWN:
        reason = _("The app looks again by itself.")
    return RemovalView(record_id, removal.outcome, str(WORDS[removal.outcome]), reason)


def _read_seen(lines: list[str]) -> dict[int, Seen]:
    """Read what the page shows of records: `12 9f86d081884c CONTACT:5 COMPANY:7` for each.

    The second word is the digest of the note. Raises BadForm.
    """
    if not 0 < len(lines) <= MOST:
        raise BadForm("no records or too many")
    seen = {}
    for line in lines:
        number, _space, rest = line.partition(" ")
        note, *keys = rest.split()[: MOST_CUSTOMERS + 1] or [""]
        seen[read_number(number)] = Seen(tuple(map(read_ref, keys)), note)
    return seen
