"""The rules of the Market are kept, and each tells when it is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from flask import Response, g
from msgspec.structs import replace

from checks.market import answers, installation, usage
from checks.market.__main__ import WITHOUT_BROWSER
from checks.market.rules import Rule, apply
from checks.market.scene import Scene, set_scene
from installation.manifest import read_manifest
from sandbox.core.application import PlacementHandler
from web.services import services_of

Harm = Callable[[Scene], object]


def test_every_rule_that_needs_no_browser_is_kept(tmp_path: Path) -> None:
    with set_scene(tmp_path, records=51) as scene:
        results = [apply(rule, scene) for rule in WITHOUT_BROWSER]
    assert [str(result) for result in results if not result.kept] == []
    assert all(result.seen for result in results)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with set_scene(tmp_path, records=3) as running:
        installation.installs(running)
        yield running


def with_header(name: str, value: str) -> Harm:
    """Let every answer have another header."""

    def add(response: Response) -> Response:
        response.headers[name] = value
        return response

    return lambda scene: scene.app.after_request(add)


def with_text(text: str) -> Harm:
    """Let every page end with these words."""

    def add(response: Response) -> Response:
        if response.mimetype == "text/html" and not response.is_streamed:
            response.set_data(response.get_data(as_text=True) + text)
        return response

    return lambda scene: scene.app.after_request(add)


def frame_by_all(scene: Scene) -> None:
    @scene.app.after_request
    def allow(response: Response) -> Response:
        g.frame_ancestors = "*"
        return response


def keep_all(scene: Scene) -> None:
    """Let an uninstallation change nothing."""
    portals = services_of(scene.app).portals
    portals.uninstall = lambda *_, **__: None  # type: ignore[method-assign]


def write_token(scene: Scene) -> None:
    log = scene.settings.log_dir / "notes.txt"
    log.write_text(f"the portal sent {scene.portal.application_token}")


def bind_more(scene: Scene) -> None:
    url = f"{scene.settings.app_url}/x"
    scene.portal.state.placements.append(PlacementHandler(900, "LEFT_MENU", url, "X"))


@pytest.mark.parametrize(
    ("check", "harm", "said"),
    [
        (answers.frame_for_nobody, with_header("X-Frame-Options", "DENY"), "X-Frame-Options"),
        (usage.frames_by_own_portal, frame_by_all, "default-src"),
        (answers.no_cookie_in_frame, with_header("Set-Cookie", "a=b"), "cookies"),
        (answers.no_empty_answer, with_header("Content-Type", "text/plain"), "content types"),
        (answers.errors_without_technique, with_text("Traceback"), "these answers"),
        (answers.no_password, with_text('<input type="password">'), "a field for a password"),
        (answers.no_secret_anywhere, write_token, "a secret is in: ['a file']"),
        (installation.uninstalls_clean, keep_all, "tokens right after"),
        (installation.binds_what_it_names, bind_more, "bound ["),
        (installation.before_installation, lambda _: None, "other words"),
        (usage.works_for_regular_user, lambda it: it.portal.faults.add("html"), "0 records"),
        (usage.tabs_open, lambda it: it.portal.state.deals.clear(), "StopIteration: "),
    ],
)
def test_a_rule_tells_what_breaks_it(
    scene: Scene, check: Callable[[Scene], str], harm: Harm, said: str
) -> None:
    scene.app._got_first_request = False  # So that it takes another handler.
    harm(scene)
    requests.get(f"{scene.settings.app_url}/", timeout=10)
    result = apply(Rule("A rule", check), scene)
    assert not result.kept, result
    assert result.seen.startswith(said)
    assert str(result).startswith("RED  A rule: ")


@pytest.mark.parametrize(
    ("scopes", "said"),
    [(["booking", "crm"], "asked for ["), (["booking", "crm", "placement", "user"], "asked for [")],
)
def test_a_scope_too_many_or_too_few_breaks_the_rule(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, scopes: list[str], said: str
) -> None:
    changed = replace(read_manifest(), scopes=scopes)
    monkeypatch.setattr(answers, "read_manifest", lambda: changed)
    result = apply(Rule("Scopes", answers.no_spare_scope), scene)
    assert not result.kept
    assert result.seen.startswith(said)
