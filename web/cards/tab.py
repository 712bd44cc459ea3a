"""What the tabs in the cards of customers and deals have in common."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from flask import Response, request

from bitrix24.errors import PortalError
from oauth.launch import PostedLaunch
from waitlist.errors import NotShown, WaitlistError
from web.frame import FIELD, Frame, open_frame, posted_frame
from web.http.i18n import gettext as _
from web.http.skeleton import Page, answer_with_skeleton
from web.idempotency import new_attempt
from web.oauth.launch import admit_user, read_posted, verify_launch
from web.problems.pages import message_page, not_saved_page, open_from_portal, render
from web.problems.problem import Problem, words_of

Owner = TypeVar("Owner")
"""Whose card the tab is in: a customer, or a deal."""


def open_tab(
    template: str,
    page: Callable[[Frame, Owner], Page],
    in_form: Callable[[], Owner],
    of_number: Callable[[str], Owner],
) -> Response:
    """Open a tab for a launch, or again for the session of the page.

    A card that is not saved yet has no number: `of_number` raises ValueError.
    """

    def open_launched(posted: PostedLaunch) -> Page:
        visit = admit_user(verify_launch(posted))
        try:
            owner = of_number(visit.launch.options.get("ID", ""))
        except ValueError:
            return not_saved_page
        return page(open_frame(visit), owner)

    if request.method != "POST":
        return open_from_portal()
    if FIELD in request.form:
        read = partial(page, posted_frame(), in_form())
    else:
        read = partial(open_launched, read_posted())
    return answer_with_skeleton(read, template)


def tab_page(
    template: str, frame: Frame, read_view: Callable[[], object], **context: object
) -> Page:
    """Read the `view` of the whole tab, or the problem that prevents it."""
    until = frame.context.tracker.until()
    view: object = None
    problem: Problem | None = None
    try:
        view = read_view()
    except NotShown as error:
        hidden = words_of(error)
        return partial(message_page, _("Waiting list"), hidden.text, hidden.step, hidden.status)
    except (PortalError, WaitlistError) as error:
        problem = words_of(error)

    return partial(
        tab_parts,
        template,
        problem=problem,
        session=frame.value,
        user_key=frame.user_key,
        view=view,
        until=until,
        **context,
    )


def tab_parts(template: str, *, problem: Problem | None = None, **context: object) -> Response:
    """Return the parts of the tab that its script puts in place."""
    return render(template, problem=problem, attempt=new_attempt(), **context)
