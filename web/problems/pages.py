"""Renders answers: templates, pages that only say something, and problems."""

from flask import Response, make_response, render_template

from web.http.headers import allow_forms_to_portals
from web.http.i18n import gettext as _
from web.problems.problem import Problem, problem_of

EXAMPLE = "company.bitrix24.com"
"""What the address of a portal looks like."""


def render(
    template: str, status: int = 200, /, *, problem: Problem | None = None, **context: object
) -> Response:
    """Answer with a template. A problem in it sets the status, and when to ask again."""
    body = render_template(template, problem=problem, **context)
    response = make_response(body, problem.status if problem else status)
    return with_retry_after(response, problem)


def message_page(
    title: str, text: str, step: str = "", status: int = 200, problem: Problem | None = None
) -> Response:
    """Return a page with a heading, a sentence and one next step. A problem adds its details."""
    return render("pages/message.html", status, title=title, text=text, step=step, problem=problem)


def error_page(status: int, retry_after: int = 0) -> Response:
    """Return a page for an HTTP error, with the seconds after which to ask again."""
    title, text = _("That didn't work"), _("The app couldn't do that.")
    if status == 404:
        title, text = _("Page not found"), _("This page doesn't exist.")
    step = _("Open the app again from your Bitrix24 menu.")
    page = message_page(title, text, step, status)
    if retry_after:
        page.headers["Retry-After"] = str(retry_after)
    return page


def problem_page(error: Exception) -> Response:
    """Return an error as a page of its own, where no part of a page was asked for."""
    problem = problem_of(error)
    return message_page(problem.text, "", problem.step, problem=problem)


def problem_part(problem: Problem) -> Response:
    """Return a problem as a part of a page, which the page's script puts in place."""
    return render("problems/problem.html", problem=problem)


def with_retry_after(response: Response, problem: Problem | None) -> Response:
    """Add to an answer when to ask again, if that is known."""
    if problem and problem.retry_after:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def open_from_portal(status: int = 200) -> Response:
    """Answer browsers and probes of Bitrix24 that open an address of the app directly."""
    return _outside_page(
        _("Waiting list"),
        _("This app works inside Bitrix24."),
        _("Open it from your Bitrix24 menu."),
        status,
    )


def no_address(typed: str) -> Response:
    """Answer to a text that is no address of a portal. It is there to be corrected."""
    return _outside_page(
        _("Waiting list"),
        _("This is not an address."),
        _("An address looks like %(example)s.") % {"example": EXAMPLE},
        404,
        typed,
    )


def unknown_portal(typed: str) -> Response:
    """Answer to the address of a portal where the app is not installed."""
    return _outside_page(
        _("We don't know this Bitrix24"),
        _("The app isn't installed there, or the address has a typo."),
        _("Check the address, or ask your administrator to install the app."),
        404,
        typed,
    )


def _outside_page(title: str, text: str, step: str, status: int, typed: str = "") -> Response:
    """Return a page that asks for a portal's address, again if one was `typed`."""
    allow_forms_to_portals()
    return render(
        "pages/outside.html",
        status,
        title=title,
        text=text,
        step=step,
        typed=typed,
        refused=bool(typed),
        example=EXAMPLE,
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
