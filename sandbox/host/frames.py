"""The data that the page's script needs for a frame and its messages."""

from typing import Any

from sandbox.core.application import PlacementHandler
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


def tokens_in(fields: dict[str, str]) -> dict[str, str]:
    """Return those fields of a launch that hold tokens."""
    return {name: fields[name] for name in ("AUTH_ID", "AUTH_EXPIRES", "REFRESH_ID")}


def open_frame(
    portal: Portal, user: User, bound: PlacementHandler | None, options: dict[str, Any], lang: str
) -> dict[str, Any]:
    """Prepare a launch of a placement, or of the application; raises FrameRefused."""
    check_access(portal, user)
    placement, handler = (bound.placement, bound.handler) if bound else ("DEFAULT", None)
    launch = portal.launch(user.id, placement, options, lang, handler)
    app = portal.app
    init = {
        "LANG": lang,
        "DOMAIN": portal.domain,
        "PROTOCOL": int(tls.is_https()),
        "PATH": "/rest",
        **tokens_in(launch.body),
        "MEMBER_ID": portal.member_id,
        "FIRST_RUN": user.id not in app.first_run_done,
        "IS_ADMIN": user.admin,
        "INSTALL": not app.installed,
        "USER_OPTIONS": app.user_options.get(str(user.id), {}),
        "APP_OPTIONS": app.options,
        "PLACEMENT": placement,
        "PLACEMENT_OPTIONS": options,
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
