"""What has become of records that were to be removed."""

from dataclasses import dataclass

from waitlist.bulk.remove import Fate, Outcome
from web.http.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class FateView:
    """The fate of a record in a word, and the `reason` for any but a removal."""

    id: int
    fate: Fate
    word: str
    reason: str


def fate_view(record_id: int, outcome: Outcome, reason: str) -> FateView:
    """Show an outcome. `reason` says why the record was kept, or is not known to be removed."""
    words = {
        Fate.REMOVED: _("removed"),
        Fate.GONE: _("removed already"),
        Fate.KEPT: _("kept"),
        Fate.UNKNOWN: _("not known yet"),
    }
    return FateView(record_id, outcome.fate, words[outcome.fate], reason)
