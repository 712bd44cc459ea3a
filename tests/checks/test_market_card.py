"""The Market card is complete, and each of its rules tells when it is broken."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from checks.market import card
from checks.market.rules import Rule, apply
from checks.market.scene import Scene
from installation.manifest import read_manifest
from tests.cast import Cast
from web.http import legal

Rules = {rule.check.__name__: rule for rule in (*card.RULES, *card.MADE)}


@pytest.mark.parametrize("rule", card.RULES, ids=lambda rule: rule.check.__name__)
def test_the_card_keeps_the_rule(rule: Rule) -> None:
    result = apply(rule, NO_SCENE)
    assert result.kept, result
    assert result.seen


NO_SCENE: Scene = None  # type: ignore[assignment]
"""These rules look at files only."""


@pytest.fixture
def text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Replaces a text in a copy of the card."""
    copy = tmp_path / "market.md"
    copy.write_text(card.CARD.read_text())
    monkeypatch.setattr(card, "CARD", copy)

    def change(old: str, new: str) -> None:
        assert old in copy.read_text()
        copy.write_text(copy.read_text().replace(old, new, 1))

    return change


@pytest.mark.parametrize(
    ("check", "old", "new"),
    [
        ("all_fields", "### Keywords\n\nWarteliste, ", "### Other\n\nWarteliste, "),
        ("all_fields", "### What's new\n\nErste Version.", "### What's new\n"),
        ("all_fields", "## Arabic (ar)", "## Japanese (ja)"),
        ("same_title", "### Title\n\nWaitlist Clients", "### Title\n\nTest App"),
        ("short_description", "and undo mistakes.", "and undo mistakes. It is easy. And quick."),
        ("short_description", "Put several contacts", "Waitlist Clients puts several contacts"),
        ("short_description", "and undo mistakes.", "and undo " + "many " * 40 + "mistakes."),
        ("full_description", "module Online Booking 25.300.0", "module Online Booking"),
        ("full_description", "up to 500 customers", "up to 400 customers"),
        ("full_description", "\n* It is free of charge", "\nIt is free of charge"),
        ("keywords", "waiting list, waitlist,", "waiting list, waiting list,"),
        ("keywords", "waiting list, waitlist,", "waiting list, bitrix24 app,"),
        ("keywords", "waiting list, waitlist,", f"waiting list, {'a' * 2000},"),
        ("support", "E-mail: support@example.com.", "Call us."),
        ("support", "Please note:", "Please write to sales@example.com:"),
        ("support", "18:00 (CET). We", "18:00. We"),
        ("in_its_language", "Erste Version.", "First version."),
        ("spelling", "Market > Installed > Waitlist", "Bitrix 24 Market > Installed > Waitlist"),
        ("agrees_with_manifest", "| `crm` |", "| `user` |"),
        ("agrees_with_manifest", "| `CRM_DEAL_DETAIL_TAB` |", "| deal |"),
    ],
)
def test_a_rule_tells_what_breaks_it(
    text: Callable[[str, str], None], check: str, old: str, new: str
) -> None:
    text(old, new)
    result = apply(Rules[check], NO_SCENE)
    assert not result.kept, result


def png(width: int, height: int, color: int = 2) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">IIBB", width, height, 8, color)


@pytest.mark.parametrize(
    ("image", "kept"),
    [
        (png(512, 512), True),
        (png(650, 650, 3), True),
        (png(512, 512, 6), False),
        (png(512, 512, 4), False),
        (png(512, 500), False),
        (png(249, 249), False),
        (png(651, 651), False),
        (b"GIF89a", False),
    ],
)
def test_the_icon_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, image: bytes, kept: bool
) -> None:
    monkeypatch.setattr(card, "PICTURES", tmp_path)
    (tmp_path / "icon.png").write_bytes(image)
    assert apply(Rules["icon"], NO_SCENE).kept is kept


@pytest.mark.parametrize(
    ("count", "size", "kept"),
    [
        (5, (1280, 720), True),
        (5, (1024, 700), True),
        (4, (1280, 720), False),
        (6, (1280, 720), False),
        (5, (1281, 720), False),
        (5, (1000, 721), False),
    ],
)
def test_the_pictures_are_counted_and_measured(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    count: int,
    size: tuple[int, int],
    kept: bool,
) -> None:
    monkeypatch.setattr(card, "PICTURES", tmp_path)
    for code in card.read_cards():
        (tmp_path / code).mkdir()
        for number in range(count):
            (tmp_path / code / f"{number}.png").write_bytes(png(*size))
    assert apply(Rules["pictures"], NO_SCENE).kept is kept
    shutil.rmtree(tmp_path / "de")
    assert not apply(Rules["pictures"], NO_SCENE).kept


def test_another_version_in_the_changelog_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = tmp_path / "CHANGELOG.md"
    changed.write_text("# Changelog\n\n## [1.1.0] - not released yet\n")
    monkeypatch.setattr(card, "CHANGELOG", changed)
    assert not apply(Rules["same_version"], NO_SCENE).kept


def test_the_license_takes_the_name_from_the_manifest(
    here: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = read_manifest()
    monkeypatch.setattr(legal, "read_manifest", lambda: replace(changed, name="Another Name"))
    page = here.stranger.client.get("/legal/license?lang=de").text
    assert page.count("Another Name") == 2
