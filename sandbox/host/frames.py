"""The data that the page's script needs for a frame and its messages."""

from __future__ import annotations

from typing import Any

from sandbox.core.model import User
from sandbox.net import tls
from sandbox.portal.portal import Portal


class FrameRefused(Exception):
    """The portal shows this text instead of the frame."""


def check_access(portal: Portal, user: User) -> None:
    """Raise FrameRefused when the user gets no frame."""
    if not portal.app.present:
        raise FrameRefused("The application is not installed.")
    if not user.app_access:
        raise FrameRefused("Access denied. You have no access to this application.")
    installer = portal.hub.registration.install_url
    if not portal.installed and installer and not user.admin:
        admin = portal.administrator.full_name
        raise FrameRefused(
            "The application is not fully installed yet. "
            f"Ask your administrator to finish the installation: {admin}"
        )


def open_frame(
    portal: Portal,
    user: User,
    *,
    placement: str,
    options: dict[str, Any],
    lang: str,
    handler: str | None,
) -> dict[str, Any]:
    """Prepare a launch with new tokens; raises FrameRefused."""
    check_access(portal, user)
    launch = portal.launch(user.id, placement, options, lang, handler)
    app = portal.app
    init = {
        "LANG": lang,
        "DOMAIN": portal.domain,
        "PROTOCOL": int(tls.is_https()),
        "PATH": "/rest",
        "AUTH_ID": launch.body["AUTH_ID"],
        "AUTH_EXPIRES": launch.body["AUTH_EXPIRES"],
        "REFRESH_ID": launch.body["REFRESH_ID"],
        "MEMBER_ID": portal.member_id,
        "FIRST_RUN": user.id not in app.first_run_done,
        "IS_ADMIN": user.admin,
        "INSTALL": not app.installed,
        "USER_OPTIONS": app.user_options.get(str(user.id), {}),
        "APP_OPTIONS": app.options,
        "PLACEMENT": placement,
        "PLACEMENT_OPTIONS": launch.options,
    }
    return {
        "sid": launch.sid,
        "name": launch.frame_name,
        "url": launch.url,
        "fields": launch.body,
        "placement": placement,
        "appUrl": portal.hub.registration.main_url,
        "title": portal.hub.registration.title,
        "init": init,
    }
