"""Writes answers: the whole page as a stream, or the parts of it that the script swaps in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

from flask import Response, make_response, render_template, stream_template
from markupsafe import Markup

from bitrix24.errors import PortalError
from waitlist.errors import WaitlistError
from waitlist.history import Missing
from web.frame import Frame, wants_fragment
from web.i18n import gettext, ngettext
from web.pages import said_when
from web.problems import Problem, problem_of
from web.views.board import BoardView, RecordRow, board_view
from web.views.creation import DraftView
from web.views.editor import EditorView
from web.views.outcomes import ConflictView, HistoryRow, SavedView
from web.views.removal import RemovalView, RemovedView
from web.views.search import HitsView

END_OF_SHELL = Markup("<!-- the list follows -->")
"""What stands before this is sent at once: the first paint waits for no portal."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What an answer shows; templates find each part under its name."""

    editor: EditorView | None = None
    row: RecordRow | None = None
    saved: SavedView | None = None
    missing: Missing | None = None
    conflict: ConflictView | None = None
    removal: RemovalView | None = None
    removed: RemovedView | None = None
    problem: Problem | None = None
    hits: HitsView | None = None
    draft: DraftView | None = None
    query: str = ""
    history: tuple[HistoryRow, ...] | None = None
    history_of: int = 0
    record: str = "new"
    status: int = 200

    def context(self) -> dict[str, Any]:
        return {part.name: getattr(self, part.name) for part in fields(self)}


@dataclass(frozen=True, slots=True)
class NoBoard:
    """The list could not be read; the page says why in its place."""

    problem: Problem
    groups: tuple[()] = ()
    filters: tuple[()] = ()
    incomplete: bool = False
    unverified: bool = False


def answer(frame: Frame, parts: Parts) -> Response:
    """The parts for a script that asked for them, else the whole page with them in it."""
    if not wants_fragment():
        return said_when(board_page(frame, parts), parts.problem)
    body = render_template("fragments.html", session=frame.value, **parts.context())
    return said_when(make_response(body, parts.status), parts.problem)


def board_page(frame: Frame, parts: Parts | None = None) -> Response:
    """The main page. Its head is sent before the portal is asked for the list."""
    parts = parts or Parts()

    # What happens while the list is read may or may not be in it.
    until = frame.tracker.until()

    def load_board() -> BoardView | NoBoard:
        try:
            return board_view(frame.read_board(), gettext, ngettext)
        except (PortalError, WaitlistError) as error:
            return NoBoard(problem_of(error))

    pieces = stream_template(
        "board.html",
        session=frame.value,
        load_board=load_board,
        end_of_shell=END_OF_SHELL,
        until=until,
        **parts.context(),
    )
    return Response(_in_two(pieces), parts.status)


def _in_two(pieces: Iterable[str]) -> Iterator[str]:
    """A template yields thousands of short strings; a browser needs two: the shell, the rest."""
    shell: list[str] = []
    stream = iter(pieces)
    for piece in stream:
        shell.append(piece)
        if piece == END_OF_SHELL:
            break
    yield "".join(shell)
    yield "".join(stream)
