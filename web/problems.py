"""What went wrong, in words for people: what happened, whether it was saved, one next step.

Never the portal's own text, which may hold anything, and never a code: the number of the request
leads support to the journal.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from math import ceil

from flask import request

from bitrix24 import errors as portal
from waitlist import errors as waitlist
from web.i18n import gettext as _
from web.i18n import ngettext
from web.problem_words import WORDS
from web.problem_words import Problem as Problem

log = logging.getLogger(__name__)
ONLY_READ = frozenset(
    {
        "board.index",
        "card.company",
        "card.contact",
        "card.new",
        "card.records",
        "creation.new",
        "customers.find",
        "customers.glance",
        "customers.persons",
        "customers.recent",
        "customers.rows",
        "deal.records",
        "deal.show",
        "editor.new",
        "editor.show",
        "history.show",
        "install.install",
        "links.link",
        "news.changes",
        "news.rows",
        "news.waiting",
        "verify.rows",
    }
)
"""Routes that change nothing, so that nobody need be told so."""

READ_BACK = frozenset(
    {
        "card.add",
        "card.create",
        "card.remove",
        "deal.put",
        "editor.create",
        "editor.save",
        "editor.undo",
        "history.restore",
        "mending.put_back",
        "removal.ask_or_remove",
    }
)
SPOKEN_FOR = (
    waitlist.PerhapsCreated,
    waitlist.LeftEmpty,
    waitlist.UnderWay,
)
"""Errors whose own words say what has become of the changes."""


def problem_of(error: Exception) -> Problem:
    """The words for an error of a portal or of the waiting list."""
    if isinstance(error, portal.MalformedCall | portal.AppMisconfigured):
        log.error("A portal does not take what the app sends: %s", error)
    if isinstance(error, waitlist.OnlyNoteSaved) and isinstance(error.__cause__, Exception):
        fate = _("The note was saved, the customers were not.")
        if _leaves_unknown(error.__cause__):
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
    problem = WORDS[waitlist.SaveFailed]()
    now = _("The record now holds: %(names)s.") % {"names": names or _("No customers")}
    return replace(problem, text=f"{problem.text} {now}")


def _worded(error: Exception, fate: str) -> Problem:
    problem = _words(error)
    return replace(problem, text=f"{problem.text} {fate}".rstrip())


def _words(error: Exception) -> Problem:
    if isinstance(error, portal.Busy) and error.retry_after > 0:
        return _busy(ceil(error.retry_after), WORDS[type(error)]())
    for kind in type(error).__mro__:
        if kind in WORDS:
            return WORDS[kind]()
    return Problem(
        _("Bitrix24 refused this, and the app does not know why."),
        _("Try again. If it happens again, send the details to your administrator."),
        502 if isinstance(error, portal.PortalError) else 500,
        retry=True,
    )


def _fate(error: Exception) -> str:
    """What has become of what somebody wanted to change."""
    if isinstance(error, SPOKEN_FOR):
        return ""
    if "base_note" in request.form and request.endpoint not in ONLY_READ:
        if _leaves_unknown(error):
            return _("Whether your changes were saved is not known. They are kept on this page.")
        return _("Nothing was saved. Your changes are kept on this page.")
    if request.method != "POST" or request.endpoint in ONLY_READ or "AUTH_ID" in request.form:
        return ""
    if _leaves_unknown(error):
        return _("Whether it was done is not known.")
    return _("Nothing was changed.")


def _leaves_unknown(error: Exception) -> bool:
    """A save reads back what it did and says itself when it could not; of others nobody knows."""
    if request.endpoint in READ_BACK:
        return isinstance(error, waitlist.OutcomeUnknown)
    return isinstance(error, portal.NoAnswer | waitlist.OutcomeUnknown)


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
