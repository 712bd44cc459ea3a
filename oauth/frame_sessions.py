"""Frame sessions: who is working in a frame, carried by the page itself because a browser may keep
no cookie there. Signed, short-lived, and useless for any other portal or user."""

from __future__ import annotations

import time
from dataclasses import astuple, dataclass

from itsdangerous import BadData, URLSafeTimedSerializer

LIFETIME = 15 * 60
"""Seconds. The page renews through the portal, which then decides again who may use the app."""


@dataclass(frozen=True, slots=True)
class FrameSession:
    """`lang` is the portal's language code of the user, such as `en` or `br`. `administrator` is
    for the wording of pages; who may do what is asked of the portal each time."""

    member_id: str
    user_id: int
    lang: str
    administrator: bool = False


class SessionInvalid(Exception):
    """The value was not signed by us, or was damaged."""


class SessionExpired(SessionInvalid):
    """The value was good once: `session` is whose it was."""

    def __init__(self, session: FrameSession) -> None:
        super().__init__("expired")
        self.session = session


class FrameSessions:
    def __init__(self, secret_key: str) -> None:
        self._serializer = URLSafeTimedSerializer(secret_key, salt="frame-session")

    def issue(self, session: FrameSession) -> str:
        value = self._serializer.dumps(astuple(session))
        return value if isinstance(value, str) else value.decode()

    def read(self, value: str) -> FrameSession:
        """Raises SessionExpired or SessionInvalid."""
        try:
            payload, issued = self._serializer.loads(value, return_timestamp=True)
        except BadData:
            raise SessionInvalid from None
        session = FrameSession(*payload)
        # Not by `max_age`: that takes a session of a host whose clock is a second ahead for old.
        if time.time() - issued.timestamp() > LIFETIME:
            raise SessionExpired(session)
        return session
