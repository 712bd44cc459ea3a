"""Reads the frame session of a request: the user and the portal that it comes from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial

from flask import g, request

from oauth.admission import Visit
from oauth.frame_sessions import FrameSession, SessionExpired, SessionInvalid
from store.bookings.made import MadeBookings
from store.bookings.snapshot import BookingSnapshot
from store.portals import Portal, Status
from waitlist.context import UserContext
from waitlist.customers.reader import CustomerReader
from waitlist.idempotency import Attempts
from waitlist.pending_writes import PendingWrites
from waitlist.phones import country_of
from waitlist.sources.calls import Calls
from waitlist.sources.history import History
from waitlist.sources.next_bookings import NextBookings
from web.http.headers import allow_framing_by
from web.http.i18n import use_language
from web.services import services

HEADER = "X-Frame-Session"
FIELD = "session"


@dataclass(frozen=True)
class Frame:
    """A frame of one portal with one user at work in it.

    `value` is the session as the page sends it back. `begun` is the context of work that began
    before the session.
    """

    portal: Portal
    session: FrameSession
    value: str
    background: bool = False
    begun: UserContext | None = None

    def in_background(self) -> Frame:
        """Return this frame for work that no user waits for.

        Its client raises Busy while the portal has much to do, and says when to come back.
        """
        return replace(self, background=True, begun=None)

    @property
    def user_key(self) -> str:
        """Return what stands for the user in what their browser keeps."""
        return services().sessions.user_key(self.session)

    @cached_property
    def context(self) -> UserContext:
        """Return what the waiting list needs to work as this user."""
        session = self.session
        return self.begun or user_context(
            self.portal, session.user_id, session.lang, background=self.background
        )


def user_context(
    portal: Portal, user_id: int, lang: str, *, background: bool = False
) -> UserContext:
    """Return what the waiting list needs to work as this user."""
    shared, member_id = services(), portal.member_id
    client = shared.client(portal, user_id, background=background)
    customers = CustomerReader(
        client,
        shared.customers,
        portal.installation,
        user_id,
        country=country_of(client.portal, lang),
    )
    client.check_before_writes(customers.require_open)
    return UserContext(
        client=client,
        customers=customers,
        history=History(shared.changes, shared.deferred, member_id),
        user_names=partial(shared.user_names.find, member_id),
        tracker=shared.tracker(member_id),
        quirks=shared.quirks,
        attempts=Attempts(shared.attempts, shared.deferred, member_id, user_id, client.hold_place),
        writes=PendingWrites(shared.writes, shared.deferred, member_id, user_id),
        bookings=MadeBookings(shared.engine, member_id, shared.deferred),
        calls=Calls(shared.engine, member_id, client),
        next_bookings=NextBookings(shared.next_bookings, portal.installation, user_id),
        booking_snapshot=BookingSnapshot(shared.engine, member_id),
        user_id=user_id,
    )


def open_frame(visit: Visit, begun: UserContext | None = None) -> Frame:
    """Open a session for a user who has been admitted."""
    launch = visit.launch
    portal = launch.portal
    session = FrameSession(
        member_id=portal.member_id,
        user_id=launch.user_id,
        lang=launch.lang,
        administrator=visit.administrator,
        installation=portal.installation,
    )
    return _enter(Frame(portal, session, services().sessions.issue(session), begun=begun))


def current_frame() -> Frame:
    """Return the frame whose script sends this request. Raises SessionExpired or SessionInvalid.

    The session is in a header. In an address it would end up in logs and histories.
    """
    value, known = request.headers.get(HEADER, ""), g.get("frame")
    return known if known is not None and known.value == value else _find_frame(value)


def posted_frame() -> Frame:
    """Return the frame that posts its session as a form, to load a whole page.

    Raises SessionExpired or SessionInvalid.
    """
    return _find_frame(request.form.get(FIELD, ""))


def read_even_expired() -> FrameSession | None:
    """Return what the session of this request says, even if it has expired."""
    try:
        return services().sessions.read(request.headers.get(HEADER, ""))
    except SessionExpired as expired:
        return expired.session
    except SessionInvalid:
        return None


def wants_fragment() -> bool:
    """Return whether a page's script asks for parts to swap in. A browser wants a page."""
    return HEADER in request.headers


def _find_frame(value: str) -> Frame:
    session = services().sessions.read(value)
    portal = services().portals.find(session.member_id)
    if portal is None or portal.status is Status.UNINSTALLED:
        raise SessionInvalid
    if session.installation != portal.installation:
        raise SessionExpired(session)
    return _enter(Frame(portal, session, value))


def _enter(frame: Frame) -> Frame:
    """Let the frame in. Raises QuotaExceeded."""
    use_language(frame.session.lang)
    allow_framing_by(frame.portal)
    services().request_quota.take(frame.portal.member_id)
    g.frame = frame
    return frame
