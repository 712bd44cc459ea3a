"""`install.json` is described by a schema, and refused in words when it breaks it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from installation.manifest import (
    PATH,
    SCHEMA_PATH,
    ManifestError,
    parse_manifest,
    read_manifest,
    schema,
)
from sandbox.sandbox import SandboxOptions


def manifest_with(change: Callable[[dict[str, Any]], object]) -> bytes:
    manifest = json.loads(PATH.read_text())
    change(manifest)
    return json.dumps(manifest).encode()


def test_the_schema_is_the_one_that_the_types_make() -> None:
    assert SCHEMA_PATH.read_text() == f"{schema()}\n", "run `make schema`"
    assert json.loads(PATH.read_text())["$schema"] == SCHEMA_PATH.name


def test_the_menu_names_the_app_as_its_tabs_do() -> None:
    manifest = read_manifest()
    assert all(placement.title == manifest.title for placement in manifest.placements)
    # `make run` shows what a portal shows.
    assert SandboxOptions().title == manifest.title["en"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda it: it.pop("version"), "`version`"),
        (lambda it: it.update(version="1.0"), "`$.version`"),
        (lambda it: it.update(version="v1.0.0"), "`$.version`"),
        (lambda it: it.update(scope=["crm"]), "`scope`"),
        (lambda it: it.update(scopes=[]), "`$.scopes`"),
        (lambda it: it.update(name=""), "`$.name`"),
        (lambda it: it["title"].pop("en"), "`en`"),
        (lambda it: it["title"].update(de=""), "`$.title"),
        (lambda it: it["title"].update({"pt-BR": "x"}), "`$.title`"),
        (lambda it: it["placements"][0].pop("handler"), "`$.placements[0]`"),
        (lambda it: it["placements"][1].update(handler="card"), "`$.placements[1].handler`"),
        (lambda it: it["placements"][1].update(icon="x"), "`$.placements[1]`"),
        (lambda it: it["placements"][2]["title"].pop("en"), "`$.placements[2]`"),
        (lambda it: it["placements"][0].update(placement="crm tab"), "placements[0].placement`"),
        (lambda it: it["events"].update(names=["onAppInstall"]), "`$.events.names[0]`"),
        (lambda it: it["events"].update(handler="https://example.com/"), "`$.events.handler`"),
        (lambda it: it["pages"].update(installer=None), "`$.pages.installer`"),
    ],
)
def test_a_malformed_manifest_is_refused_by_name(
    change: Callable[[dict[str, Any]], object], said: str
) -> None:
    with pytest.raises(ManifestError) as refused:
        parse_manifest(manifest_with(change))
    assert said in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_a_manifest_that_is_no_json_is_refused() -> None:
    with pytest.raises(ManifestError, match=r"^install\.json: "):
        parse_manifest(b'{"title": ')
