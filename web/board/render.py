"""Writes answers: the whole page as a stream, or the parts of it that the script swaps in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

from flask import Response, make_response, render_template, stream_template
from markupsafe import Markup

from waitlist.records.missing import Missing
from web.board.stream import load_board
from web.frame import Frame, wants_fragment
from web.presenters.editor import EditorView
from web.presenters.new_customer import DraftView
from web.presenters.record_row import RecordRow
from web.presenters.removal import RemovalView, RemovedView
from web.presenters.save_result import ConflictView, HistoryRow, SavedView
from web.presenters.search_hits import HitsView
from web.problems.pages import said_when
from web.problems.problem import Problem

END_OF_SHELL = Markup("<!-- the list follows -->")
"""What stands before this is sent at once: the first paint waits for no portal."""
CHUNK = 16_000
"""Characters: some twenty records, more than are seen at once."""


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
    history_seen: tuple[str, ...] | None = None
    record: str = "new"
    status: int = 200

    def context(self) -> dict[str, Any]:
        return {part.name: getattr(self, part.name) for part in fields(self)}


def answer(frame: Frame, parts: Parts) -> Response:
    """The parts for a script that asked for them, else the whole page with them in it."""
    if not wants_fragment():
        return said_when(board_page(frame, parts), parts.problem)
    body = render_template(
        "record/answer.html",
        session=frame.value,
        closed=frame.context.customers.closed,
        **parts.context(),
    )
    return said_when(make_response(body, parts.status), parts.problem)


def board_page(frame: Frame, parts: Parts | None = None) -> Response:
    """The main page; without `parts` it shows the record that the user changed last. Its head is
    sent before the portal is asked for the list."""
    with_last = parts is None
    parts = parts or Parts()

    # What happens while the list is read may or may not be in it.
    until = frame.context.tracker.until()

    pieces = stream_template(
        "board/page.html",
        session=frame.value,
        load_board=lambda: load_board(frame, with_last=with_last),
        end_of_shell=END_OF_SHELL,
        until=until,
        closed=frame.context.customers.closed,
        **parts.context(),
    )
    return Response(_in_chunks(pieces), parts.status)


def _in_chunks(pieces: Iterable[str]) -> Iterator[str]:
    """A template yields thousands of short strings; a browser wants few: the shell first, then
    whatever is ready of the list."""
    chunk, size = list[str](), 0
    for piece in pieces:
        chunk.append(piece)
        size += len(piece)
        if size >= CHUNK or piece == END_OF_SHELL:
            yield "".join(chunk)
            chunk, size = [], 0
    yield "".join(chunk)
