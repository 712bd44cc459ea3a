"""The manifest `install.json`: the app's name, its scopes, and what its installer binds.

The types here are the rules for the file. `install.schema.json` tells editors the same;
`make schema` writes it.
"""

from functools import cache
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

ROOT = Path(__file__).resolve().parents[1]
PATH = ROOT / "install.json"
SCHEMA_PATH = ROOT / "install.schema.json"
FALLBACK = "en"
"""The language whose titles a portal shows where there is none in its own."""

Route = Annotated[str, Meta(pattern=r"^/[a-z0-9/_-]*$", description="A path under APP_URL")]
Name = Annotated[str, Meta(min_length=1, max_length=80)]
Code = Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9_]*$", description="A code of Bitrix24's REST")]
Titles = Annotated[
    dict[Annotated[str, Meta(pattern=r"^[a-z]{2}$")], Name],
    Meta(
        description="By language, in Bitrix24's codes: `la` is Spanish, `br` Portuguese",
        extra_json_schema={"required": [FALLBACK]},
    ),
]


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the manifest. A field that is misspelled is refused."""


class Pages(_Part, frozen=True):
    """Paths of the application page and of the installer page."""

    application: Route
    installer: Route


class Placement(_Part, frozen=True):
    """A place in the portal where the app shows a page, with its title there."""

    placement: Code
    handler: Route
    title: Titles

    def __post_init__(self) -> None:
        _check_titles(self.title)


class Events(_Part, frozen=True):
    """The events that the portal sends, all to one path."""

    handler: Route
    names: list[Code]


class Manifest(_Part, frozen=True):
    """What `install.json` says of the app and of what its installer binds."""

    name: Annotated[Name, Meta(description="The app's name in the Market and in its license")]
    version: Annotated[
        str,
        Meta(
            pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$",
            description="The version that CHANGELOG.md begins with",
        ),
    ]
    title: Annotated[Titles, Meta(description="The title in the portal's menu, by language")]
    scopes: Annotated[list[Annotated[str, Meta(pattern=r"^[a-z_]+$")]], Meta(min_length=1)]
    pages: Pages
    placements: list[Placement]
    events: Events
    schema: str = msgspec.field(name="$schema", default="")

    def __post_init__(self) -> None:
        _check_titles(self.title)


def _check_titles(titles: dict[str, str]) -> None:
    if FALLBACK not in titles:
        raise ValueError(f"Object missing a title in `{FALLBACK}`")


class ManifestError(ValueError):
    """The manifest breaks a rule. The text is one line that names the file and the place."""


@cache
def read_manifest() -> Manifest:
    """Read `install.json`. Raises ManifestError."""
    return parse_manifest(PATH.read_bytes())


def parse_manifest(text: bytes) -> Manifest:
    """Parse a manifest. Raises ManifestError."""
    try:
        return msgspec.json.decode(text, type=Manifest)
    except msgspec.DecodeError as error:
        raise ManifestError(f"{PATH.name}: {error}") from None


def schema() -> str:
    described = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return msgspec.json.format(
        msgspec.json.encode(described | msgspec.json.schema(Manifest)), indent=2
    ).decode()


if __name__ == "__main__":
    SCHEMA_PATH.write_text(f"{schema()}\n")
