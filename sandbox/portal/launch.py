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
    options: dict[str, Any]
    handler: str
    frame_name: str  # HOST|PROTOCOL|APP_SID, which tells the frame its portal

    @property
    def access_token(self) -> str:
        return self.body["AUTH_ID"]

    @property
    def refresh_token(self) -> str:
        return self.body["REFRESH_ID"]


def build_launch(
    *,
    auth: dict[str, str],
    domain: str,
    placement: str,
    options: dict[str, Any],
    lang: str,
    handler: str,
) -> Launch:
    """Build a launch; `auth` is from `auth_fields`, `domain` as the browser sees it."""
    sid = secrets.token_hex(16)
    protocol = int(tls.is_https())
    query = {"DOMAIN": domain, "PROTOCOL": protocol, "LANG": lang, "APP_SID": sid}
    separator = "&" if "?" in handler else "?"
    body = {**auth, "PLACEMENT": placement}
    if options:
        body["PLACEMENT_OPTIONS"] = json.dumps(options, ensure_ascii=False)
    return Launch(
        url=handler + separator + urlencode(query),
        body=body,
        sid=sid,
        options=options,
        handler=handler,
        frame_name=f"{domain}|{protocol}|{sid}",
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
