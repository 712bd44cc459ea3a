"""The pictures of the Market card show the app in its languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from checks.market import card
from checks.market.casts import CASTS
from checks.market.pictures import draw_icon, take_pictures
from checks.market.rules import apply
from checks.market.scene import Scene
from installation.manifest import read_manifest

NO_SCENE: Scene = None  # type: ignore[assignment]
"""These rules look at files only."""


def test_the_pictures_of_a_language_keep_the_rules(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    german = {"de": card.read_cards()["de"]}
    take_pictures(browser, "de", tmp_path / "de")
    monkeypatch.setattr(card, "PICTURES", tmp_path)
    monkeypatch.setattr(card, "languages", lambda: list(german))
    result = apply(card.MADE[0], NO_SCENE)
    assert result.kept, result
    assert len({path.read_bytes() for path in (tmp_path / "de").iterdir()}) == card.PICTURES_EACH


def test_the_icon_is_the_drawing(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = tmp_path / "icon.png"
    draw_icon(browser, drawn)
    monkeypatch.setattr(card, "PICTURES", tmp_path)
    assert apply(card.RULES[-1], NO_SCENE).kept


def test_each_language_has_a_cast_of_its_own() -> None:
    assert set(CASTS) == set(read_manifest().title)
    people = [name for cast in CASTS.values() for name in cast[0]]
    assert len(set(people)) == len(people)
