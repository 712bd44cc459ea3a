"""What went wrong, in words for people: what happened, whether it was saved, one next step.

Never the portal's own text, which may hold anything, and never a code: the number of the request
leads support to the journal.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import ceil
from typing import TypeVar

from flask import Response, current_app, g, request

from bitrix24 import errors as portal
from bitrix24.log.journal import request_id
from waitlist import errors as waitlist
from web.forms import LONGEST_NOTE
from web.http.i18n import gettext as _
from web.http.i18n import ngettext
from web.problems.countdown import countdown
from web.problems.words import WORDS, Words

log = logging.getLogger(__name__)
SPOKEN_FOR = (
    waitlist.PerhapsCreated,
    waitlist.LeftEmpty,
    waitlist.UnderWay,
)
"""Errors whose own words say what has become of the changes."""
View = TypeVar("View", bound=Callable[..., Response])
_only_read = set[Callable[..., object]]()
_from_editor = set[Callable[..., object]]()


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


@dataclass(frozen=True, slots=True)
class Problem:
    """`status` is the HTTP status of the answer that says it; `retry` offers *Try again*, and
    `retry_after` is the seconds before that makes sense, 0 where nobody knows. `page` is the page
    of the portal where an administrator can do something about it, and `page_name` what its button
    says. `renew` offers a new record with the editor's customers. `time` and `number` are for
    support."""

    text: str
    step: str
    status: int
    retry: bool = False
    retry_after: int = 0
    page: str = ""
    page_name: str = ""
    renew: bool = False
    time: str = field(default_factory=_now)
    number: str = field(default_factory=request_id.get)

    @property
    def countdown(self) -> tuple[tuple[int, str], ...]:
        """What is said while the page waits to try again by itself; empty where it does not."""
        return countdown(self.retry_after) if self.retry else ()


def only_reads(view: View) -> View:
    """Marks a route that changes no record and no customer, so that nobody need be told so when it
    fails."""
    _only_read.add(view)
    return view


def from_editor(view: View) -> View:
    """Mark a route that the editor's form is sent to: what was typed stays on the page."""
    _from_editor.add(view)
    return view


def problem_of(error: Exception) -> Problem:
    """The words for an error of a portal or of the waiting list which has ended the request, with
    what has become of what somebody wanted to change."""
    if isinstance(error, waitlist.OnlyNoteSaved) and isinstance(error.__cause__, Exception):
        fate = _("The note was saved, the customers were not.")
        if isinstance(error.__cause__, waitlist.OutcomeUnknown):
            fate = _("The note was saved. Whether the customers were saved is not known.")
        return _worded(error.__cause__, fate)
    if isinstance(error, waitlist.SaveFailed) and isinstance(error.__cause__, portal.NoAnswer):
        return _worded(error.__cause__, _fate(error))
    return _worded(error, _fate(error))


def unknown_customers(names: str) -> Problem:
    """Customers that CRM does not show to this user were to be added."""
    return Problem(
        _("CRM does not show %(names)s to you. Nothing was saved.") % {"names": names},
        _("Remove them from the list, or ask your CRM administrator."),
        422,
    )


def save_failed(names: str) -> Problem:
    """The portal refused to save, and others have changed the record meanwhile."""
    problem = _problem(WORDS[waitlist.SaveFailed])
    now = _("The record now holds: %(names)s.") % {"names": names or _("No customers")}
    return replace(problem, text=f"{problem.text} {now}")


def _worded(error: Exception, fate: str) -> Problem:
    problem = words_of(error)
    return replace(problem, text=f"{problem.text} {fate}".rstrip())


def words_of(error: Exception) -> Problem:
    """The words for an error alone: for what could not be read, whatever was changed before."""
    if isinstance(error, portal.MalformedCall | portal.AppMisconfigured):
        log.error("A portal does not take what the app sends: %s", error)
    words = next(WORDS[kind] for kind in type(error).__mro__ if kind in WORDS)
    return _in_detail(error, _problem(words))


def _problem(words: Words) -> Problem:
    problem = Problem(str(words.text), str(words.step), words.status, words.retry)
    frame = g.get("frame")
    if frame is None or not frame.session.administrator or words.administrator is None:
        return problem
    page_name = _("Plans") if words.page else ""
    return replace(problem, step=str(words.administrator), page=words.page, page_name=page_name)


def _in_detail(error: Exception, problem: Problem) -> Problem:
    """The words with what only this very error, or the form that has led to it, can tell."""
    if isinstance(error, portal.Busy) and error.retry_after > 0:
        return _busy(ceil(error.retry_after), problem)
    if isinstance(error, waitlist.NoteTooLong):
        return replace(problem, step=problem.step % {"count": LONGEST_NOTE})
    if isinstance(error, waitlist.NewRecordsNotInPlan):
        more = _("You can still change the customers of existing records.")
        return replace(problem, text=f"{problem.text} {more}")
    if isinstance(error, waitlist.RecordGone) and _view() in _from_editor:
        step = _("Choose another record, or make a new one with these customers.")
        return replace(problem, step=step, renew=True)
    return problem


def _fate(error: Exception) -> str:
    """What has become of what somebody wanted to change. Where no answer comes to a change it is
    read back, so that nothing is left open but by OutcomeUnknown."""
    if isinstance(error, SPOKEN_FOR) or not _was_to_change():
        return ""
    unknown = isinstance(error, waitlist.OutcomeUnknown)
    if _view() in _from_editor:
        if unknown:
            return _("Whether your changes were saved is not known. They are kept on this page.")
        return _("Nothing was saved. Your changes are kept on this page.")
    return _("Whether it was done is not known.") if unknown else _("Nothing was changed.")


def _was_to_change() -> bool:
    return request.method == "POST" and _view() not in _only_read


def _view() -> Callable[..., object] | None:
    """Return the function of this request's route."""
    return current_app.view_functions.get(request.endpoint or "")


def _busy(seconds: int, problem: Problem) -> Problem:
    minutes = ceil(seconds / 60)
    if minutes > 1:
        step = ngettext(
            "Try again in %(count)s minute.", "Try again in %(count)s minutes.", minutes
        ) % {"count": minutes}
    else:
        step = ngettext(
            "Try again in %(count)s second.", "Try again in %(count)s seconds.", seconds
        ) % {"count": seconds}
    return replace(problem, step=step, retry_after=seconds)
