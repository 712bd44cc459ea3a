"""The launch: the POST with which a portal opens the application in a frame."""

import secrets
from dataclasses import dataclass
from urllib.parse import urlencode

from sandbox.net import tls


@dataclass(frozen=True)
class Launch:
    """The address and form fields of a launch, the fields in the portal's order."""

    url: str
    body: dict[str, str]
    sid: str
    frame_name: str  # HOST|PROTOCOL|APP_SID, which tells the frame its portal

    @property
    def access_token(self) -> str:
        return self.body["AUTH_ID"]

    @property
    def refresh_token(self) -> str:
        return self.body["REFRESH_ID"]


def build_launch(handler: str, domain: str, lang: str, body: dict[str, str]) -> Launch:
    """Build a launch at the address of a handler; `domain` is as the browser sees it."""
    sid, protocol = secrets.token_hex(16), int(tls.is_https())
    query = {"DOMAIN": domain, "PROTOCOL": protocol, "LANG": lang, "APP_SID": sid}
    separator = "&" if "?" in handler else "?"
    return Launch(handler + separator + urlencode(query), body, sid, f"{domain}|{protocol}|{sid}")
