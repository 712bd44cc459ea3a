"""Small pages that only say something, and problems as parts of pages."""

from __future__ import annotations

from flask import Response, make_response, render_template

from web.http.i18n import gettext as _
from web.problems.problem import Problem, problem_of


def message_page(
    title: str, text: str, step: str = "", status: int = 200, problem: Problem | None = None
) -> Response:
    """Return a page with a heading, a sentence and one next step. A problem adds its details."""
    page = render_template("pages/message.html", title=title, text=text, step=step, problem=problem)
    return make_response(page, status)


def error_page(status: int, retry_after: int = 0) -> Response:
    """Return a page for an HTTP error, with the seconds after which to ask again."""
    text = _("This page doesn't exist.") if status == 404 else _("The app couldn't do that.")
    step = _("Open the app again from your Bitrix24 menu.")
    page = message_page(_("That didn't work"), text, step, status)
    if retry_after:
        page.headers["Retry-After"] = str(retry_after)
    return page


def problem_page(error: Exception) -> Response:
    """Return an error as a page of its own, where no part of a page was asked for."""
    problem = problem_of(error)
    page = message_page(problem.text, "", problem.step, problem.status, problem)
    return with_retry_after(page, problem)


def problem_part(problem: Problem) -> Response:
    """Return a problem as a part of a page, which the page's script puts in place."""
    part = make_response(render_template("problems/problem.html", problem=problem), problem.status)
    return with_retry_after(part, problem)


def with_retry_after(response: Response, problem: Problem | None) -> Response:
    """Add to an answer when to ask again, if that is known."""
    if problem and problem.retry_after:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def open_from_portal() -> Response:
    """Answer browsers and probes of Bitrix24 that open an address of the app directly."""
    return message_page(
        _("Waiting list"),
        _("This app works inside Bitrix24."),
        _("Open it from your Bitrix24 menu."),
    )


def not_set_up_page() -> Response:
    """Answer users until an administrator has opened the app for the first time."""
    return message_page(
        _("The app is not set up yet"),
        _("An administrator of this Bitrix24 must finish the setup once."),
        _("Ask your administrator to open the app."),
    )


def not_saved_page() -> Response:
    """Answer launches from cards without a valid ID: they are not saved yet."""
    return message_page(
        _("Waiting list"),
        _("This card has not been saved yet."),
        _("Save it, then open this tab again."),
    )
