"""Writes the main page as a stream, while the waiting list is still being read."""

from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from flask import Response, stream_template

from bitrix24.errors import PortalError
from oauth.admission import Admission
from waitlist.board.read import open_board
from waitlist.context import UserContext
from waitlist.errors import WaitlistError
from waitlist.models import Age, BoardPart, OpenBoard
from waitlist.records.missing import find_missing
from waitlist.records.read import read_deals
from web.frame import Frame
from web.http.skeleton import END_OF_SKELETON
from web.presenters.age_bands import Band, age_bands
from web.presenters.booking.booked import BookedView
from web.presenters.booking.offer import OfferView
from web.presenters.editor import editor_view
from web.presenters.missing import missing_view
from web.presenters.record_row import Group, groups
from web.problems.pages import with_retry_after
from web.problems.problem import Problem, words_of
from web.record.answers import OpenRecord, last_change_of, show_pending_writes
from web.record.latest_calls import calls_view, latest_calls

CHUNK = 16_000
"""Characters: some twenty records, more than are seen at once."""


@dataclass(slots=True)
class BoardView:
    """The list as a template goes through it.

    Where the list is `closed`, CRM shows this user no customer: the list can only be read.
    Three fields are known only after the last of the `groups`: the `problem` that stopped the list,
    how many records are `unread`, and how many have which of the `ages`. The record that this user
    changed `last` is known before its row comes, if it was wanted and is in the list.
    """

    groups: Iterable[Group] = ()
    closed: bool = False
    incomplete: bool = False
    unread: int = 0
    problem: Problem | None = None
    last: OpenRecord | None = None
    ages: Counter[Age] = field(default_factory=Counter)

    @property
    def bands(self) -> tuple[Band, ...]:
        return age_bands(self.ages)


class ListReading:
    """The reading of the list for a page. The portal is asked by `begin`, or else by `board`."""

    def __init__(self, context: UserContext) -> None:
        self._context = context
        self._begun: Future[OpenBoard] | None = None
        # A change made during the reading may be missing in it, so live updates start from here.
        self.until, self.calls_mark = context.tracker.until(), context.calls.mark()

    def begin(self, admission: Admission) -> None:
        """Ask for the list and for the admission of its user in one batch.

        Raises LaunchRefused, PortalError or WaitlistError while the user is not admitted.
        """
        self._begun = Future()
        try:
            self._begun.set_result(open_board(self._context, admission))
        except (PortalError, WaitlistError) as error:
            if admission.pending:
                raise
            self._begun.set_exception(error)

    def board(self) -> OpenBoard:
        """Return the list. Raises PortalError or WaitlistError."""
        return self._begun.result() if self._begun else open_board(self._context)


def board_page(
    frame: Frame,
    opened: OpenRecord | None = None,
    problem: Problem | None = None,
    booking: BookedView | OfferView | None = None,
    reading: ListReading | None = None,
) -> Response:
    """Return the main page with the opened record, or the `booking` beside the list.

    Without any of them it shows the record that the user changed last. The head of the page is sent
    before the portal is asked for the list, unless its `reading` has begun.
    """
    with_last = not (opened or problem or booking)
    reading = reading or ListReading(frame.context)

    pieces = stream_template(
        "board/page.html",
        session=frame.value,
        user_key=frame.user_key,
        administrator=frame.session.administrator,
        load_board=lambda: _load_board(frame.context, reading, with_last=with_last),
        until=reading.until,
        calls_mark=reading.calls_mark,
        pending_writes=show_pending_writes(frame.context),
        opened=opened,
        booked=booking if isinstance(booking, BookedView) else None,
        offer=booking if isinstance(booking, OfferView) else None,
        problem=problem,
    )
    return with_retry_after(
        Response(_in_chunks(pieces), problem.status if problem else 200), problem
    )


def _load_board(
    context: UserContext, reading: ListReading, *, with_last: bool = False
) -> BoardView:
    """Begin to read the list; going through the groups reads on."""
    view = BoardView()
    last = context.history.last_record(context.user_id) if with_last else None

    def look_for_last(board: OpenBoard, part: BoardPart) -> None:
        # A record that is only known from the CRM mirror is not offered for editing.
        found = (one for one in part.records if one.id == last and last not in board.unverified)
        for record in found:
            if record.id in board.linked:
                record = replace(record, deals=read_deals(context, record.id))
            latest = context.history.latest(record.id)
            missing = missing_view(find_missing(context, record, latest))
            changed = last_change_of(context, latest, part.customers)
            editor = editor_view(
                record, part.customers, changed=changed, resources=context.resources.known()
            )
            called = calls_view(context, calls.get(record.id))
            view.last = OpenRecord(editor, missing=missing, calls=called)

    def until_failure(board: OpenBoard) -> Iterator[BoardPart]:
        try:
            for part in board.parts:
                look_for_last(board, part)
                view.unread += part.unread
                view.ages.update(record.age for record in part.records)
                yield part
        except (PortalError, WaitlistError) as error:
            view.problem = words_of(error)

    try:
        board = reading.board()
        # The portal has answered, so the zone of its clock is known.
        calls = latest_calls(context)
    except (PortalError, WaitlistError) as error:
        view.problem = words_of(error)
        return view
    finally:
        view.closed = context.customers.closed
    view.groups = groups(replace(board, parts=until_failure(board)), calls)
    view.incomplete = not board.complete
    return view


def _in_chunks(pieces: Iterable[str]) -> Iterator[str]:
    """Join the thousands of short strings of a template into a few chunks.

    The skeleton comes first and whole, then whatever is ready of the list.
    """
    chunk, size, least = list[str](), 0, float("inf")
    for piece in pieces:
        chunk.append(piece)
        size += len(piece)
        if size >= least or piece == END_OF_SKELETON:
            yield "".join(chunk)
            chunk, size, least = [], 0, CHUNK
    yield "".join(chunk)
