"""The website of one portal: which portal a request is for.

All websites share one Flask application. To build one takes longer than all else of a start.
"""

from dataclasses import dataclass

from flask import request

from sandbox.portal.portal import Portal

KEY = "sandbox.site"


@dataclass(frozen=True)
class Site:
    """A portal, and all portals of its sandbox."""

    portal: Portal
    portals: list[Portal]


def current_site() -> Site:
    site = request.environ[KEY]
    assert isinstance(site, Site)  # noqa: S101 - for the type checker
    return site


def current_portal() -> Portal:
    return current_site().portal
