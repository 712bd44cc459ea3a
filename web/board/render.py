"""Writes the main page as a stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask import Response, stream_template
from markupsafe import Markup

from web.board.stream import load_board
from web.frame import Frame
from web.problems.pages import said_when
from web.problems.problem import Problem
from web.record.answers import OpenRecord

END_OF_SHELL = Markup("<!-- the list follows -->")
"""The browser is sent everything before this at once: the first paint waits for no portal."""
CHUNK = 16_000
"""Characters: some twenty records, more than are seen at once."""


def board_page(
    frame: Frame, opened: OpenRecord | None = None, problem: Problem | None = None
) -> Response:
    """Return the main page with the opened record, or why it could not be opened.

    Without either it shows the record that the user changed last. The head of the page is sent
    before the portal is asked for the list.
    """
    with_last = opened is None and problem is None

    # What happens while the list is read may or may not be in it.
    until = frame.context.tracker.until()

    pieces = stream_template(
        "board/page.html",
        session=frame.value,
        load_board=lambda: load_board(frame.context, with_last=with_last),
        end_of_shell=END_OF_SHELL,
        until=until,
        closed=frame.context.customers.closed,
        opened=opened,
        problem=problem,
    )
    return said_when(Response(_in_chunks(pieces), problem.status if problem else 200), problem)


def _in_chunks(pieces: Iterable[str]) -> Iterator[str]:
    """Join the thousands of short strings of a template into a few chunks.

    The shell comes first, then whatever is ready of the list.
    """
    chunk, size = list[str](), 0
    for piece in pieces:
        chunk.append(piece)
        size += len(piece)
        if size >= CHUNK or piece == END_OF_SHELL:
            yield "".join(chunk)
            chunk, size = [], 0
    yield "".join(chunk)
