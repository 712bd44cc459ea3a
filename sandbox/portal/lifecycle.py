"""Installing, updating and removing the application on one portal, with the events of each.

Decisions where nothing is documented: a new version's ONAPPUPDATE goes out when its installer has
finished (handlers are dropped by the update, so nobody could receive it before), and a re-install
gives a new application_token.
"""

from __future__ import annotations

import secrets
from typing import Any

from sandbox.portal import events
from sandbox.portal.portal import Portal

LANGUAGE = "en"


def finish_install(portal: Portal, user_id: int) -> bool:
    """What installFinish leads to; only an administrator may, anyone else is ignored silently."""
    app = portal.state.app
    if not portal.user(user_id).admin or not app.present:
        return False
    if app.installed:
        return True
    app.installed = True
    if app.previous_version:
        data: dict[str, Any] = {"VERSION": app.version, "PREVIOUS_VERSION": app.previous_version}
        event = "ONAPPUPDATE"
        app.previous_version = 0
    else:
        data = {"VERSION": app.version, "ACTIVE": "Y", "INSTALLED": "Y"}
        event = "ONAPPINSTALL"
    data["LANGUAGE_ID"] = LANGUAGE
    events.fire(portal, event, data, user_id, with_refresh=True)
    portal.hub.changed()
    return True


def update(portal: Portal) -> None:
    """A new version: handlers and placements of the old one are gone, its installer runs again."""
    app = portal.state.app
    app.previous_version = app.version
    app.version += 1
    app.first_run_done = []
    _drop_bindings(portal)
    app.installed = portal.hub.registration.install_url is None
    portal.hub.changed()


def uninstall(portal: Portal, clean: bool = False) -> None:
    """ONAPPUNINSTALL carries no tokens: they are dead when it arrives."""
    app = portal.state.app
    data = {"LANGUAGE_ID": LANGUAGE, "CLEAN": "1" if clean else "0"}
    auth = {
        "domain": portal.domain,
        "server_endpoint": portal.hub.server_endpoint,
        "client_endpoint": portal.client_endpoint,
        "member_id": portal.member_id,
        "application_token": app.application_token,
    }
    if app.installed:
        for handler in events.handlers_of(portal, "ONAPPUNINSTALL"):
            events.queue(portal, handler, data, lambda: auth)
    _drop_bindings(portal)
    app.present = app.installed = False
    app.first_run_done = []
    if clean:
        app.options = {}
        app.user_options = {}
    portal.checked_tokens.clear()
    portal.hub.changed()


def reinstall(portal: Portal) -> None:
    app = portal.state.app
    app.present = True
    app.installed = portal.hub.registration.install_url is None
    app.previous_version = 0
    app.application_token = secrets.token_hex(16)
    portal.hub.tokens.revoke(portal.member_id)
    portal.hub.changed()


def _drop_bindings(portal: Portal) -> None:
    portal.state.event_handlers = []
    portal.state.placements = []
