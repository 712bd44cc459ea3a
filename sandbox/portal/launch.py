"""The launch: the POST with which a portal opens the application in a frame."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sandbox.core.model import PortalState
from sandbox.core.tokens import ACCESS_SECONDS, Grant
from sandbox.net import tls
from sandbox.portal.hub import Hub


@dataclass(frozen=True)
class Launch:
    """The address and form fields of a launch, the fields in the portal's order."""

    url: str
    body: dict[str, str]
    sid: str
    user_id: int
    placement: str
    options: dict[str, Any]
    handler: str
    portal_domain: str
    protocol: str  # "1" over https, "0" over http

    @property
    def access_token(self) -> str:
        return self.body["AUTH_ID"]

    @property
    def refresh_token(self) -> str:
        return self.body["REFRESH_ID"]

    @property
    def frame_name(self) -> str:
        """The name of the frame, `HOST|PROTOCOL|APP_SID`, which tells it its portal."""
        return f"{self.portal_domain}|{self.protocol}|{self.sid}"


def build_launch(
    *,
    auth: dict[str, str],
    user_id: int,
    domain: str,
    placement: str,
    options: dict[str, Any],
    lang: str,
    handler: str,
) -> Launch:
    """Build a launch; `auth` is from `auth_fields`, `domain` as the browser sees it."""
    sid = secrets.token_hex(16)
    protocol = "1" if tls.is_https() else "0"
    query = {"DOMAIN": domain, "PROTOCOL": protocol, "LANG": lang, "APP_SID": sid}
    separator = "&" if "?" in handler else "?"
    body = {**auth, "PLACEMENT": placement}
    if options:
        body["PLACEMENT_OPTIONS"] = json.dumps(options, ensure_ascii=False)
    return Launch(
        url=handler + separator + urlencode(query),
        body=body,
        sid=sid,
        user_id=user_id,
        placement=placement,
        options=options,
        handler=handler,
        portal_domain=domain,
        protocol=protocol,
    )


def auth_fields(server_endpoint: str, hub: Hub, state: PortalState, grant: Grant) -> dict[str, str]:
    """Return the form fields that carry tokens and identify the portal."""
    return {
        "AUTH_ID": grant.access_token,
        "AUTH_EXPIRES": str(ACCESS_SECONDS),
        "REFRESH_ID": grant.refresh_token,
        "SERVER_ENDPOINT": server_endpoint,
        "APPLICATION_TOKEN": state.app.application_token,
        "APPLICATION_SCOPE": hub.registration.scope,
        "member_id": state.member_id,
        "status": state.app.status,
    }
