"""Install, update and remove the application on a portal, with the events.

Decided here because it is not documented: ONAPPUPDATE is sent when the installer of the new version
has finished (an update may drop the handlers, so that nothing could receive it earlier), and a new
installation has a new application_token.
"""

import secrets
from typing import Any

from sandbox.portal import events
from sandbox.portal.portal import Portal

LANGUAGE = "en"


def finish_install(portal: Portal, user_id: int) -> bool:
    """Finish the installation and send its event; returns False if nothing was done.

    Only an administrator can do it; a portal ignores other users silently.
    """
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
    portal.hub.mark_changed()
    return True


def update(portal: Portal) -> None:
    """Update to the next version and let the installer run again.

    The switch `app_update` says which bindings stay; sources differ.
    """
    app = portal.state.app
    app.previous_version = app.version
    app.version += 1
    app.first_run_done = []
    kept = portal.hub.switches.app_update
    if kept == "drops":
        _drop_bindings(portal)
    elif kept == "drops_install":
        handlers = portal.state.event_handlers
        portal.state.event_handlers = [row for row in handlers if row.event != "ONAPPINSTALL"]
    app.installed = portal.hub.registration.install_url is None
    portal.hub.mark_changed()


def uninstall(portal: Portal, clean: bool = False) -> None:
    """Remove the application; its event has no tokens, as they no longer work."""
    app = portal.state.app
    data = {"LANGUAGE_ID": LANGUAGE, "CLEAN": "1" if clean else "0"}
    names = ("domain", "server_endpoint", "client_endpoint", "member_id", "application_token")
    auth = {name: getattr(portal, name) for name in names}
    if app.installed:
        for handler in events.handlers_for(portal, "ONAPPUNINSTALL"):
            events.queue_event(portal, handler, data, lambda: auth)
    _drop_bindings(portal)
    app.present = app.installed = False
    app.first_run_done = []
    if clean:
        app.options = {}
        app.user_options = {}
    portal.checked_tokens.clear()
    portal.hub.mark_changed()


def reinstall(portal: Portal) -> None:
    """Add the application again; tokens of the earlier installation no longer work."""
    app = portal.state.app
    app.present = True
    app.installed = portal.hub.registration.install_url is None
    app.previous_version = 0
    app.application_token = secrets.token_hex(16)
    portal.hub.tokens.revoke(portal.member_id)
    portal.hub.mark_changed()


def _drop_bindings(portal: Portal) -> None:
    portal.state.event_handlers = []
    portal.state.placements = []
