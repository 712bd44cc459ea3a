"""The waiting list on its way into the page, while the portal is still being asked for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bitrix24.errors import PortalError
from waitlist.errors import WaitlistError
from waitlist.models import BoardPart, OpenBoard
from web.frame import Frame
from web.i18n import gettext, ngettext
from web.problems import Problem, problem_of
from web.views.board import Group, groups


@dataclass(slots=True)
class BoardView:
    """The list as a template goes through it. `problem` is what has stopped it, known once the
    `groups` are used up: what came before that stays on the page."""

    groups: Iterable[Group] = ()
    incomplete: bool = False
    unverified: bool = False
    problem: Problem | None = None


def load_board(frame: Frame) -> BoardView:
    """Begins to read the list; going through the groups reads on."""
    view = BoardView()

    def until_failure(board: OpenBoard) -> Iterator[BoardPart]:
        try:
            yield from board.parts
        except (PortalError, WaitlistError) as error:
            view.problem = problem_of(error)

    try:
        board = frame.open_board()
    except (PortalError, WaitlistError) as error:
        view.problem = problem_of(error)
        return view
    view.groups = groups(replace(board, parts=until_failure(board)), gettext, ngettext)
    view.incomplete, view.unverified = not board.complete, bool(board.unverified)
    return view
