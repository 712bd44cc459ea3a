"""What the tabs in the cards of customers and deals have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Response, make_response, render_template, request

from bitrix24.errors import PortalError
from waitlist.errors import NotShown, WaitlistError
from web.frame import FIELD, Frame, open_frame, posted_frame
from web.http.i18n import gettext as _
from web.idempotency import new_attempt
from web.oauth.launch import accept_launch
from web.problems.pages import message_page, not_saved_page, open_from_portal, with_retry_after
from web.problems.problem import Problem, words_of

Owner = TypeVar("Owner")
"""Whose card the tab is in: a customer, or a deal."""


def open_tab(
    page: Callable[[Frame, Owner], Response],
    in_form: Callable[[], Owner],
    of_number: Callable[[str], Owner],
) -> Response:
    """Open a tab for a launch, or again for the session of the page.

    A card that is not saved yet has no number: `of_number` raises ValueError.
    """
    if request.method != "POST":
        return open_from_portal()
    if FIELD in request.form:
        return page(posted_frame(), in_form())
    visit = accept_launch()
    try:
        owner = of_number(visit.launch.options.get("ID", ""))
    except ValueError:
        return not_saved_page()
    return page(open_frame(visit), owner)


def tab_page(
    template: str, frame: Frame, read_view: Callable[[], object], **context: object
) -> Response:
    """Return the whole tab with its `view`, or with the problem that prevented it."""
    until = frame.context.tracker.until()
    view: object = None
    problem: Problem | None = None
    try:
        view = read_view()
    except NotShown as error:
        hidden = words_of(error)
        return message_page(_("Waiting list"), hidden.text, hidden.step, hidden.status)
    except (PortalError, WaitlistError) as error:
        problem = words_of(error)
    page = render_template(
        template,
        session=frame.value,
        view=view,
        problem=problem,
        until=until,
        attempt=new_attempt(),
        **context,
    )
    return with_retry_after(make_response(page, problem.status if problem else 200), problem)


def tab_parts(template: str, *, problem: Problem | None = None, **context: object) -> Response:
    """Return the parts of the tab that its script puts in place."""
    body = render_template(template, problem=problem, attempt=new_attempt(), **context)
    return make_response(body, problem.status if problem else 200)
