"""The users of the tests, on portals of the sandbox."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sandbox.portal.launch import Launch
from sandbox.portal.portal import Portal

ADMINISTRATOR, REGULAR_USER, STRANGER, NO_CRM_RIGHTS, EXTRANET = 1, 2, 3, 4, 5

SESSION = re.compile(r'name="session" value="([^"]+)"')

Fields = Mapping[str, str | Sequence[str]]


@dataclass
class Person:
    """A user of a portal, with the app open in a frame."""

    client: FlaskClient
    portal: Portal
    user_id: int
    session: str = ""

    def launch(self, **options: Any) -> Launch:
        """Return the launch that the portal's page would post now."""
        return self.portal.launch(user_id=self.user_id, **options)

    def post_launch(self, launch: Launch, *, buffered: bool = True, **changes: str) -> TestResponse:
        """Post a launch, with some fields changed. The answer comes in pieces if not buffered."""
        url = urlsplit(launch.url)
        address, fields = f"{url.path}?{url.query}", {**launch.body, **changes}
        return self.client.post(address, data=fields, buffered=buffered)

    def open(self, **options: Any) -> TestResponse:
        """Open the app and keep the session of the page."""
        response = self.post_launch(self.launch(**options))
        found = SESSION.search(response.text)
        self.session = found.group(1) if found else ""
        return response

    def post(self, path: str, fields: Fields | None = None) -> TestResponse:
        """Post as the page's script does."""
        return self.client.post(path, data=fields, headers={"X-Frame-Session": self.session})

    def submit(self, path: str, fields: Fields | None = None) -> TestResponse:
        """Post as a form without script does."""
        return self.client.post(path, data={**(fields or {}), "session": self.session})


@dataclass
class Cast:
    """The users of one portal."""

    portal: Portal
    administrator: Person
    regular_user: Person
    stranger: Person
