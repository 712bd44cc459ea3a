"""The waiting list on its way into the page, while the portal is still being asked for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from flask import request

from bitrix24.errors import PortalError
from waitlist.board.read import open_board
from waitlist.errors import WaitlistError
from waitlist.models import BoardPart, OpenBoard
from waitlist.records.missing import Missing, find_missing
from web.frame import Frame
from web.presenters.editor import EditorView, editor_view
from web.presenters.record_row import Group, groups
from web.problems.problem import Problem, words_of

EXACT = "exact"


@dataclass(slots=True)
class BoardView:
    """The list as a template goes through it. Known once the `groups` are used up: the `problem`
    that has stopped it, what came before that stays on the page; and the editor of the `last`
    record that this user changed, if it was wanted and is in the list, with who is `missing`."""

    groups: Iterable[Group] = ()
    incomplete: bool = False
    unverified: bool = False
    problem: Problem | None = None
    last: EditorView | None = None
    missing: Missing | None = None


def load_board(frame: Frame, *, with_last: bool = False) -> BoardView:
    """Begins to read the list; going through the groups reads on."""
    view = BoardView()
    last = frame.context.history.last_record(frame.context.user_id) if with_last else None

    def look_for_last(board: OpenBoard, part: BoardPart) -> None:
        # What only the mirror says of a record is no ground to change it on.
        found = (one for one in part.records if one.id == last and last not in board.unverified)
        for record in found:
            view.last = editor_view(record, part.customers)
            view.missing = find_missing(frame.context, record)

    def until_failure(board: OpenBoard) -> Iterator[BoardPart]:
        try:
            for part in board.parts:
                look_for_last(board, part)
                yield part
        except (PortalError, WaitlistError) as error:
            view.problem = words_of(error)

    try:
        board = open_board(frame.context, exact=EXACT in request.form)
    except (PortalError, WaitlistError) as error:
        view.problem = words_of(error)
        return view
    view.groups = groups(replace(board, parts=until_failure(board)))
    view.incomplete, view.unverified = not board.complete, bool(board.unverified)
    return view
