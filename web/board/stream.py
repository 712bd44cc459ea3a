"""Reads the waiting list while the page is being written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bitrix24.errors import PortalError
from waitlist.board.read import open_board
from waitlist.context import UserContext
from waitlist.errors import WaitlistError
from waitlist.models import BoardPart, OpenBoard
from waitlist.records.missing import find_missing
from web.presenters.editor import editor_view
from web.presenters.record_row import Group, groups
from web.problems.problem import Problem, words_of
from web.record.answers import OpenRecord


@dataclass(slots=True)
class BoardView:
    """The list as a template goes through it.

    Two fields are known only after the last of the `groups`: the `problem` that stopped the list,
    and the record that this user changed `last`, if it was wanted and is in the list.
    """

    groups: Iterable[Group] = ()
    incomplete: bool = False
    problem: Problem | None = None
    last: OpenRecord | None = None


def load_board(context: UserContext, *, with_last: bool = False) -> BoardView:
    """Begin to read the list; going through the groups reads on."""
    view = BoardView()
    last = context.history.last_record(context.user_id) if with_last else None

    def look_for_last(board: OpenBoard, part: BoardPart) -> None:
        # A record that is only known from the CRM mirror is not offered for editing.
        found = (one for one in part.records if one.id == last and last not in board.unverified)
        for record in found:
            missing = find_missing(context, record)
            view.last = OpenRecord(editor_view(record, part.customers), missing=missing)

    def until_failure(board: OpenBoard) -> Iterator[BoardPart]:
        try:
            for part in board.parts:
                look_for_last(board, part)
                yield part
        except (PortalError, WaitlistError) as error:
            view.problem = words_of(error)

    try:
        board = open_board(context)
    except (PortalError, WaitlistError) as error:
        view.problem = words_of(error)
        return view
    view.groups = groups(replace(board, parts=until_failure(board)))
    view.incomplete = not board.complete
    return view
