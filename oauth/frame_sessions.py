"""Frame sessions: signed, short-lived values that name the user and the portal of a page.

The page itself carries its session, because a browser may block cookies in a frame.
docs/decisions/0001-no-cookie-in-the-frame.md says more.
"""

import hashlib
import hmac
import time
from dataclasses import astuple, dataclass

from itsdangerous import BadData, URLSafeTimedSerializer

LIFETIME = 15 * 60
"""Seconds. On each renewal the portal decides again whether the user may use the app."""


@dataclass(frozen=True, slots=True)
class FrameSession:
    """A user of a portal.

    `lang` is the user's language as the portal's code, such as `en` or `br`. `administrator` only
    changes the wording of pages; the portal checks the rights of each call. A session ends with the
    `installation` of the app in which it was issued.
    """

    member_id: str
    user_id: int
    lang: str
    administrator: bool = False
    installation: str = ""


class SessionInvalid(Exception):
    """The value was not signed with our key, or it was damaged."""


class SessionExpired(SessionInvalid):
    """The value is too old, or of an earlier installation. `session` is what it says."""

    def __init__(self, session: FrameSession) -> None:
        super().__init__("expired")
        self.session = session


class FrameSessions:
    def __init__(self, secret_key: str) -> None:
        self._serializer = URLSafeTimedSerializer(secret_key, salt="frame-session")
        self._secret = secret_key.encode()

    def issue(self, session: FrameSession) -> str:
        value = self._serializer.dumps(astuple(session))
        return value if isinstance(value, str) else value.decode()

    def user_key(self, session: FrameSession) -> str:
        """Return what stands for the user in a browser.

        It does not reveal the user. It is the same in all sessions, and another one in each portal.
        """
        user = f"user-key {session.member_id} {session.user_id}"
        return hmac.new(self._secret, user.encode(), hashlib.sha256).hexdigest()[:16]

    def read(self, value: str) -> FrameSession:
        """Verify a value and return its session. Raises SessionExpired or SessionInvalid."""
        try:
            payload, issued = self._serializer.loads(value, return_timestamp=True)
        except BadData:
            raise SessionInvalid from None
        session = FrameSession(*payload)
        # `max_age` would refuse a session from a host whose clock is a second ahead.
        if time.time() - issued.timestamp() > LIFETIME:
            raise SessionExpired(session)
        return session
