"""The rules of the Market are kept, and each tells when it is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
from msgspec.structs import replace

from checks.market import answers, installation, usage
from checks.market.__main__ import WITHOUT_BROWSER
from checks.market.rules import Rule, apply
from checks.market.scene import Scene, set_scene
from installation.manifest import read_manifest
from sandbox.core.application import PlacementHandler
from web.services import services_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

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


def with_answers(name: str = "", value: str = "", text: bytes = b"") -> Harm:
    """Let every answer have another header, or end with these words."""

    def harm(scene: Scene) -> None:
        inner = scene.recorder.application

        def changed(environ: WSGIEnvironment, start: StartResponse) -> Iterator[bytes]:
            def started(status: str, headers: list[tuple[str, str]], *more: object) -> object:
                kept = [one for one in headers if one[0] not in {name, "Content-Length"}]
                return start(status, kept + [(name, value)] * bool(name), *more)  # type: ignore[arg-type]

            yield from inner(environ, started)  # type: ignore[arg-type]
            yield text

        scene.recorder.application = changed

    return harm


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
        (answers.frame_without_portal, with_answers("X-Frame-Options", "DENY"), "X-Frame-Options"),
        (usage.frames_by_own_portal, with_answers("Content-Security-Policy", "x"), "x"),
        (answers.no_cookie_in_frame, with_answers("Set-Cookie", "a=b"), "cookies"),
        (answers.no_empty_answer, with_answers("Content-Type", "text/plain"), "content types"),
        (answers.errors_without_technique, with_answers(text=b"Traceback"), "these answers"),
        (
            answers.no_password,
            with_answers(text=b'<input type="password">'),
            "a field for a password",
        ),
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
    harm(scene)
    requests.get(f"{scene.settings.app_url}/", timeout=60)
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
