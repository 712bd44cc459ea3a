"""Who is asking: reads the frame session of a request, and answers those who have none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from flask import g, request

from bitrix24.client import PortalClient
from oauth.frame_sessions import FrameSession, SessionInvalid
from oauth.launch import Launch
from store.portals import Portal, Status
from waitlist.board.read import open_board, read_board
from waitlist.customers.reader import CustomerReader
from waitlist.idempotency import Attempts
from waitlist.models import Board, BoardPart, OpenBoard, Record
from waitlist.records.create import RecordMaker
from waitlist.records.history import History
from waitlist.records.save import Saver
from waitlist.sources.tracker import RecordTracker
from web.http.headers import allow_framing_by
from web.http.i18n import use_language
from web.services import services

HEADER = "X-Frame-Session"
FIELD = "session"
EXACT = "exact"


@dataclass(frozen=True)
class Frame:
    """One user at work in a frame of one portal, and the tools to work as that user."""

    portal: Portal
    session: FrameSession
    value: str
    background: bool = False

    def in_background(self) -> Frame:
        """The same for work that nobody waits for: while the portal has much to do, Busy is raised
        and says when to come back."""
        return replace(self, background=True)

    @cached_property
    def client(self) -> PortalClient:
        user_id = self.session.user_id
        return services().client(self.portal, user_id, background=self.background)

    @cached_property
    def reader(self) -> CustomerReader:
        cache = services().customers
        return CustomerReader(self.client, cache, self.portal.member_id, self.session.user_id)

    @cached_property
    def saver(self) -> Saver:
        return Saver(self.client, self.reader, self.history, self.tracker, self.session.user_id)

    @cached_property
    def attempts(self) -> Attempts:
        return Attempts(services().attempts, self.portal.member_id, self.session.user_id)

    def maker(self, saver: Saver | None = None) -> RecordMaker:
        """Makes records; another `saver` than this user's may take something along."""
        return RecordMaker(
            self.client,
            saver or self.saver,
            self.history,
            self.tracker,
            self.attempts,
            self.session.user_id,
        )

    @cached_property
    def history(self) -> History:
        return History(services().changes, self.portal.member_id)

    @cached_property
    def tracker(self) -> RecordTracker:
        return services().tracker(self.portal.member_id)

    @property
    def today(self) -> date:
        """The day by which records are told to have waited: the portal's own."""
        return self.client.today()

    def read_board(self) -> Board:
        """The whole waiting list as this user sees it. Raises PortalError or WaitlistError."""
        board = read_board(self.client, self.reader, self.today, services().habits)
        if board.complete:
            self.tracker.seen_all(board.records)
        return board

    def open_board(self) -> OpenBoard:
        """As `read_board`, part by part; `exact` in the form asks for it without the CRM's mirror.
        Raises PortalError or WaitlistError, and so do the parts."""
        exact = EXACT in request.form
        board = open_board(self.client, self.reader, self.today, services().habits, exact=exact)
        return replace(board, parts=self._seen(board)) if board.complete else board

    def _seen(self, board: OpenBoard) -> Iterator[BoardPart]:
        records: list[Record] = []
        for part in board.parts:
            records += part.records
            yield part
        self.tracker.seen_all(records)


def open_frame(launch: Launch, administrator: bool = False) -> Frame:
    """A new session for a user whose launch has been verified."""
    session = FrameSession(launch.portal.member_id, launch.user_id, launch.lang, administrator)
    return _enter(Frame(launch.portal, session, services().sessions.issue(session)))


def current_frame() -> Frame:
    """The frame this request comes from. Raises SessionExpired or SessionInvalid.

    A session in an address would end up in logs and histories, so it is not taken from there.
    """
    value = request.headers.get(HEADER) or request.form.get(FIELD, "")
    session = services().sessions.read(value)
    portal = services().portals.find(session.member_id)
    if portal is None or portal.status is Status.UNINSTALLED:
        raise SessionInvalid
    return _enter(Frame(portal, session, value))


def wants_fragment() -> bool:
    """Whether the page's script asks, which swaps parts; else a browser wants a whole page."""
    return HEADER in request.headers


def _enter(frame: Frame) -> Frame:
    use_language(frame.session.lang)
    allow_framing_by(frame.portal)
    g.frame = frame
    return frame
