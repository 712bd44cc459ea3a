"""Describes errors in plain words: what happened, whether it was saved, and one next step.

The portal's own text is never shown, since it may contain anything, and neither are error codes.
Support finds them in the journal by the number of the request.
"""

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
from web.problems.phrases import Words
from web.problems.words import WORDS

LONGEST_COUNTDOWN = 3600
"""Seconds. After longer waits the page does not try again by itself."""
log = logging.getLogger(__name__)
TELL_THEMSELVES = (waitlist.PerhapsCreated, waitlist.LeftEmpty, waitlist.InProgress)
"""Errors whose own words say what happened to the changes."""
View = TypeVar("View", bound=Callable[..., Response])
_only_read = set[Callable[..., object]]()
_from_editor = set[Callable[..., object]]()


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


@dataclass(frozen=True, slots=True)
class Problem:
    """An error in words: `text` says what happened, `step` what to do next.

    `status` is the HTTP status of the answer. `retry` offers *Try again*, which makes sense after
    `retry_after` seconds (0 if unknown). `page` is the page of the portal where an administrator
    can solve the problem, and `page_name` the label of its button. `renew` offers a new record with
    the customers in the editor, and `anyway` a second try at something that may still be created.
    `refused` are the keys of the customers it is about. `time` and `number` are for support.
    """

    text: str
    step: str
    status: int
    retry: bool = False
    retry_after: int = 0
    page: str = ""
    page_name: str = ""
    renew: bool = False
    refused: tuple[str, ...] = ()
    anyway: bool = False
    time: str = field(default_factory=_now)
    number: str = field(default_factory=request_id.get)

    @property
    def retries_itself(self) -> bool:
        """Return whether the page counts down and tries again by itself."""
        return self.retry and 0 < self.retry_after <= LONGEST_COUNTDOWN


def only_reads(view: View) -> View:
    """Mark a route that changes no record and no customer.

    Its errors need not say so. All other routes that are posted to need a session.
    """
    _only_read.add(view)
    return view


def from_editor(view: View) -> View:
    """Mark a route that the editor's form is sent to: what was typed stays on the page."""
    _from_editor.add(view)
    return view


def problem_of(error: Exception) -> Problem:
    """Describe the error that ended a request, and what became of the user's changes."""
    if isinstance(error, waitlist.OnlyNoteSaved) and isinstance(error.__cause__, Exception):
        effect = _("The note was saved, but the customers were not.")
        if isinstance(error.__cause__, waitlist.OutcomeUnknown):
            effect = _("The note was saved. We can't tell whether the customers were saved.")
        return _with_effect(error.__cause__, effect)
    return _with_effect(error, _effect_text(error))


def internal_error() -> Problem:
    """Describe a mistake of ours that ended a request, whatever was done before it."""
    problem = words_of(portal.MalformedCall())
    return replace(
        problem, text=f"{problem.text} {_effect_text(waitlist.OutcomeUnknown())}".rstrip()
    )


def unknown_customers(names: str, *, gone: bool) -> Problem:
    """Describe that customers who were to be added are hidden, or `gone` from CRM."""
    if gone:
        return Problem(
            _("%(names)s: no longer in CRM. Nothing was saved.") % {"names": names},
            _("Remove them from the list."),
            422,
        )
    return Problem(
        _("You don't have access to %(names)s in CRM. Nothing was saved.") % {"names": names},
        _("Remove them from the list or ask your CRM administrator."),
        422,
    )


def save_failed(names: str) -> Problem:
    """Describe that nothing was saved because colleagues changed the record meanwhile."""
    problem = _problem(WORDS[waitlist.SaveFailed])
    now = _("Now on the record: %(names)s.") % {"names": names or _("No customers")}
    return replace(problem, text=f"{problem.text} {now}")


def _with_effect(error: Exception, effect: str) -> Problem:
    problem = words_of(error)
    return replace(problem, text=f"{problem.text} {effect}".rstrip())


def words_of(error: Exception) -> Problem:
    """Describe an error alone: something could not be read, whatever was changed before."""
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
    """Add details of this error, or of the route that it ended."""
    if isinstance(error, waitlist.RetryLater):
        anyway = isinstance(error, waitlist.PerhapsCreated) and error.anyway
        return replace(problem, retry_after=ceil(error.retry_after), anyway=anyway)
    if isinstance(error, portal.Busy) and error.retry_after > 0:
        return _busy(ceil(error.retry_after), problem)
    if isinstance(error, waitlist.NoteTooLong):
        return replace(problem, step=problem.step % {"count": LONGEST_NOTE})
    if isinstance(error, waitlist.NewRecordsNotInPlan):
        more = _("You can still change the customers of existing records.")
        return replace(problem, text=f"{problem.text} {more}")
    if isinstance(error, waitlist.RecordGone) and _view() in _from_editor:
        step = _("Choose another record or create a new one with these customers.")
        return replace(problem, step=step, renew=True)
    return problem


def _effect_text(error: Exception) -> str:
    """Say what happened to the user's changes.

    A change without an answer is read back, so only OutcomeUnknown leaves that open.
    """
    if isinstance(error, TELL_THEMSELVES) or not was_to_change():
        return ""
    unknown = isinstance(error, waitlist.OutcomeUnknown)
    if _view() in _from_editor:
        if unknown:
            return _("We can't tell whether your changes were saved. They are kept on this page.")
        return _("Nothing was saved. Your changes are kept on this page.")
    return _("We can't tell whether it was done.") if unknown else _("Nothing was changed.")


def was_to_change() -> bool:
    """Return whether this request may change a record or a customer."""
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
