"""The installer page: shows an administrator each step, then the portal opens the app."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, Response, request, stream_template

from bitrix24.errors import PortalError
from installation.installer import NotAdministrator, Step
from web.frame import FIELD, Frame, open_frame, posted_frame
from web.http.i18n import gettext as _
from web.oauth.launch import accept_launch
from web.problems.pages import open_from_portal
from web.problems.problem import Problem, only_reads, problem_of
from web.services import services

bp = Blueprint("install", __name__)


@dataclass(frozen=True, slots=True)
class StepView:
    """One line of the page; `state` is `done` or `failed`."""

    name: str
    state: str


class Installation:
    """The steps of an installation as the page shows them.

    `finished`, `not_admin` and `problem` are valid once `steps` is exhausted.
    """

    def __init__(self, frame: Frame, application_token: str) -> None:
        self._frame = frame
        self._application_token = application_token
        self.finished = False
        self.not_admin = False
        self.problem: Problem | None = None

    def steps(self) -> Iterator[StepView]:
        names = {
            Step.RIGHTS: _("You are an administrator"),
            Step.PLACES: _("Tabs in the cards of contacts, companies and deals"),
            Step.EVENTS: _("Live updates"),
            Step.READY: _("The waiting list is ready"),
        }
        waiting = list(names)
        frame = self._frame
        user_id = frame.session.user_id
        client = services().client(frame.portal, user_id)
        run = services().installer.run(frame.portal, user_id, self._application_token, client)
        try:
            for step in run:
                waiting.remove(step)
                yield StepView(names[step], "done")
        except NotAdministrator:
            self.not_admin = True
        except PortalError as error:
            self.problem = problem_of(error)
            yield StepView(names[waiting[0]], "failed")
        self.finished = not waiting
        if self.finished:
            done = {"member_id": frame.portal.member_id, "user_id": user_id}
            services().security_log.write({"accepted": "installation", **done})


@bp.route("/install", methods=["GET", "POST"])
@only_reads
def install() -> Response:
    """Install the app for a launch, or for the session of this page after *Try again*."""
    if request.method != "POST":
        return open_from_portal()
    if FIELD in request.form:
        return install_page(posted_frame())
    visit = accept_launch()
    frame = open_frame(visit)
    return install_page(frame, visit.launch.application_token)


def install_page(frame: Frame, application_token: str = "") -> Response:
    """Install the app step by step while the page is being streamed."""
    run = Installation(frame, application_token)
    return Response(stream_template("pages/install.html", run=run, session=frame.value))
