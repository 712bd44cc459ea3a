"""The manifest `install.json`: the titles and scopes of the app and what its installer binds."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

PATH = Path(__file__).resolve().parents[1] / "install.json"


class Pages(msgspec.Struct, frozen=True):
    """Paths of the application page and of the installer page."""

    application: str
    installer: str


class Placement(msgspec.Struct, frozen=True):
    """A place in the portal where the app shows a page. `title` is by language code."""

    placement: str
    handler: str
    title: dict[str, str]


class Events(msgspec.Struct, frozen=True):
    """The events that the portal sends, all to one path."""

    handler: str
    names: list[str]


class Manifest(msgspec.Struct, frozen=True):
    """The whole manifest. All paths are under APP_URL."""

    title: dict[str, str]
    scopes: list[str]
    pages: Pages
    placements: list[Placement]
    events: Events


@cache
def read_manifest() -> Manifest:
    """Read `install.json`. Raises msgspec.ValidationError when it has another shape."""
    return msgspec.json.decode(PATH.read_bytes(), type=Manifest)
