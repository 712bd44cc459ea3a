"""What the rules look at: the app on a sandbox portal, its users, and all that it has answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import requests
from flask import Flask
from playwright.sync_api import Browser

from sandbox import Sandbox
from sandbox.portal.portal import Portal
from settings import Settings
from tests.browser.desk import sandbox_and_app
from tests.cast import ADMINISTRATOR, EXTRANET, NO_CRM_RIGHTS, REGULAR_USER, STRANGER, Person
from web.services import services_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

OPTION = 'role="option"'
"""A record on the main page."""
RECORDS = 137
"""Three pages of a list: more than one batch, less than a long list."""


class Recorder:
    """Keeps the addresses and the answers of a WSGI application."""

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application
        self.addresses: list[str] = []
        self.answers: list[str] = []

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        self.addresses.append(f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}")

        def started(status: str, headers: list[tuple[str, str]], *more: object) -> object:
            self.answers.append(f"{status} {headers}")
            return start(status, headers, *more)  # type: ignore[arg-type]

        body = self.application(environ, started)  # type: ignore[arg-type]
        try:
            for chunk in body:
                self.answers.append(chunk.decode("utf-8", "replace"))
                yield chunk
        finally:
            if hasattr(body, "close"):
                body.close()


@dataclass
class Scene:
    """The first portal of a sandbox, and the app, which is not installed at first.

    Rules are applied in their order: some install the app, one removes it. `secrets` are all words
    that must not be seen anywhere.
    """

    sandbox: Sandbox
    app: Flask
    recorder: Recorder
    folder: Path
    browser: Browser | None = None
    secrets: set[str] = field(default_factory=set)

    @property
    def portal(self) -> Portal:
        return self.sandbox.portals[0]

    @property
    def settings(self) -> Settings:
        return services_of(self.app).settings

    @property
    def administrator(self) -> Person:
        return self._person(ADMINISTRATOR)

    @property
    def regular_user(self) -> Person:
        return self._person(REGULAR_USER)

    @property
    def refused(self) -> dict[str, Person]:
        return {"no access": self._person(STRANGER), "extranet": self._person(EXTRANET)}

    @property
    def without_crm(self) -> Person:
        return self._person(NO_CRM_RIGHTS)

    def _person(self, user_id: int) -> Person:
        return Person(self.app.test_client(), self.portal, user_id)

    def open(self, person: Person, **options: object) -> str:
        """Open the app as a portal's page does, and return its page."""
        launch = person.launch(**options)
        self.secrets |= {launch.access_token, launch.refresh_token}
        page = person.post_launch(launch)
        found = page.text.partition('name="session" value="')[2].partition('"')[0]
        person.session = found
        return f"{page.status_code} {page.text}"

    def get(self, path: str, **options: object) -> requests.Response:
        """Ask the app at its public address, as a moderator's probe does."""
        url = f"{self.settings.app_url}{path}"
        return requests.get(url, timeout=20, allow_redirects=False, **options)  # type: ignore[arg-type]


@contextmanager
def set_scene(
    folder: Path, browser: Browser | None = None, records: int = RECORDS
) -> Iterator[Scene]:
    """Start a portal and the app, which records all that it answers."""
    with sandbox_and_app(folder, records=records, portals=1) as (sandbox, app):
        recorder = Recorder(app.wsgi_app)
        app.wsgi_app = recorder  # type: ignore[method-assign, assignment]
        scene = Scene(sandbox, app, recorder, folder, browser)
        settings = scene.settings
        scene.secrets |= {settings.client_secret, settings.secret_key, *settings.token_keys}
        yield scene
