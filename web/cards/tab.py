"""What the tabs in the cards of customers and deals have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from flask import Blueprint, Response, g, make_response, render_template, request

from bitrix24.errors import PortalError
from waitlist.errors import NotShown, WaitlistError
from web.frame import FIELD, Frame, current_frame, open_frame, wants_fragment
from web.http.i18n import gettext as _
from web.idempotency import new_attempt, same_attempt
from web.oauth.launch import accept_launch
from web.presenters.save_result import SavedView
from web.problems.pages import message_page, not_saved_page, open_from_portal, said_when
from web.problems.problem import Problem, words_of
from web.record.answers import failed, said_of

Owner = TypeVar("Owner")
"""Whose card the tab is in: a customer, or a deal."""


def open_tab(
    page: Callable[[Frame, Owner], Response],
    in_form: Callable[[], Owner],
    of_number: Callable[[str], Owner],
) -> Response:
    """A launch opens the tab, or its session opens it again. A card that is not saved yet has no
    number: `of_number` raises ValueError."""
    if request.method != "POST":
        return open_from_portal()
    if FIELD in request.form:
        return page(current_frame(), in_form())
    visit = accept_launch()
    try:
        owner = of_number(visit.launch.options.get("ID", ""))
    except ValueError:
        return not_saved_page()
    return page(open_frame(visit.launch, visit.administrator), owner)


def say_on_tab(
    blueprint: Blueprint, field: str, page: Callable[[Frame, Problem], Response]
) -> None:
    """Has what goes wrong in these routes said on the tab, for forms that name its owner in this
    field."""

    def say(error: Exception) -> Response:
        frame: Frame | None = g.get("frame")
        if frame is None or wants_fragment() or field not in request.form:
            return failed(error)
        return page(frame, said_of(frame, error))

    for kind in (PortalError, WaitlistError):
        blueprint.register_error_handler(kind, say)


def tab_page(
    template: str,
    frame: Frame,
    parts: Iterator[tuple[str, object]],
    *,
    saved: SavedView | None,
    problem: Problem | None,
    **context: object,
) -> Response:
    """The whole tab, with as many of the parts as could be read."""
    until = frame.context.tracker.until()
    try:
        for name, part in parts:
            context[name] = part
    except NotShown as error:
        hidden = words_of(error)
        return message_page(_("Waiting list"), hidden.text, hidden.step, hidden.status)
    except (PortalError, WaitlistError) as error:
        problem = problem or words_of(error)
    page = render_template(
        template,
        session=frame.value,
        saved=saved,
        problem=problem,
        until=until,
        attempt=same_attempt() if problem and not saved else new_attempt(),
        **context,
    )
    return said_when(make_response(page, problem.status if problem else 200), problem)


def tab_parts(
    template: str, frame: Frame, *, problem: Problem | None = None, **context: object
) -> Response:
    """The parts of the tab that its script swaps in."""
    body = render_template(
        template, session=frame.value, problem=problem, attempt=new_attempt(), **context
    )
    return make_response(body, problem.status if problem else 200)
