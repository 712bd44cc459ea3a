"""Small pages that only say something."""

from __future__ import annotations

from flask import Response, make_response, render_template

from web.http.i18n import gettext as _
from web.problems.problem import Problem, problem_of


def message_page(
    title: str, text: str, step: str = "", status: int = 200, problem: Problem | None = None
) -> Response:
    """A page with a heading, a sentence, and one next step; of a problem also what support asks
    for."""
    page = render_template("pages/message.html", title=title, text=text, step=step, problem=problem)
    return make_response(page, status)


def problem_page(error: Exception) -> Response:
    """An error as a page of its own, for browsers that did not ask for a part of one."""
    problem = problem_of(error)
    title = _("That did not work")
    page = message_page(title, problem.text, problem.step, problem.status, problem)
    return said_when(page, problem)


def problem_part(problem: Problem) -> Response:
    """Return a problem as a part of a page, which the page's script puts in place."""
    part = make_response(render_template("problems/problem.html", problem=problem), problem.status)
    return said_when(part, problem)


def said_when(response: Response, problem: Problem | None) -> Response:
    """The answer, with when to ask again where that is known."""
    if problem and problem.retry_after:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def open_from_portal() -> Response:
    """For people who open an address of the app by itself, and for the vendor's probes."""
    return message_page(
        _("Waiting list"),
        _("This app works inside Bitrix24."),
        _("Open it from the menu of your Bitrix24."),
    )


def not_set_up_page() -> Response:
    """For everybody but administrators, until one of them has opened the app once."""
    return message_page(
        _("The app is not set up yet"),
        _("An administrator of this Bitrix24 has to finish that, once."),
        _("Ask your administrator to open the app."),
    )


def not_saved_page() -> Response:
    """For cards that have no number yet, and for launches whose number is none."""
    return message_page(
        _("Waiting list"),
        _("This card has not been saved yet."),
        _("Save it, then open this tab again."),
    )
