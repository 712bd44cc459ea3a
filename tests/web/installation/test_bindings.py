"""A portal has bound what `install.json` names, and `flask check` can verify it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from flask import Flask

from bitrix24.errors import error_from
from installation.installer import Installer
from installation.manifest import read_manifest
from sandbox.core.application import PlacementHandler
from store.tokens import UserToken
from tests.cast import ADMINISTRATOR, REGULAR_USER, Cast
from web.services import services_of

APP_URL = "http://127.0.0.1:5999"


def install_again(cast: Cast) -> None:
    cast.portal.installed = False
    cast.portal.requests.clear()
    assert "Everything is set up" in cast.administrator.open().text
    cast.portal.installed = True


def bound(cast: Cast) -> list[tuple[str, str]]:
    return sorted((row.placement, row.handler) for row in cast.portal.state.placements)


def wanted() -> list[tuple[str, str]]:
    places = read_manifest().placements
    return sorted((place.placement, APP_URL + place.handler) for place in places)


def check(app: Flask) -> tuple[int, str]:
    """Run `flask check`, and return its lines about portals."""
    result = app.test_cli_runner().invoke(args=["check"])
    lines = result.output.splitlines(keepends=True)
    return result.exit_code, "".join(line for line in lines if line.startswith("http"))


def test_every_placement_has_a_title_in_every_shipped_language(installed: Cast) -> None:
    languages = set(read_manifest().title)
    assert languages >= {"en", "de", "la", "br", "fr", "pl", "it", "ar"}
    for row in installed.portal.state.placements:
        assert set(row.lang_all) == languages
        assert all(texts["TITLE"] for texts in row.lang_all.values())


def test_installing_twice_changes_nothing(installed: Cast) -> None:
    before = [row.id for row in installed.portal.state.placements]
    install_again(installed)
    assert [row.id for row in installed.portal.state.placements] == before
    methods = {m for request in installed.portal.requests for m in request.methods}
    assert not {m for m in methods if m.endswith((".bind", ".unbind"))}


def test_other_titles_are_replaced(installed: Cast) -> None:
    row = installed.portal.state.placements[0]
    row.lang_all = {**row.lang_all, "de": {"TITLE": "Ganz anders"}}
    del row.lang_all["ar"]
    install_again(installed)
    assert bound(installed) == wanted()
    german = {row.lang_all["de"]["TITLE"] for row in installed.portal.state.placements}
    assert german == {"Warteliste"}


def test_a_placement_bound_to_an_old_address_is_fixed(installed: Cast) -> None:
    places = installed.portal.state.placements
    deal = next(row for row in places if row.placement == "CRM_DEAL_DETAIL_TAB")
    places.append(PlacementHandler(900, deal.placement, f"{APP_URL}/old/deal", "Old"))
    # A portal takes one handler for this one: the old one has to go before the new one comes.
    link = next(row for row in places if row.placement == "REST_APP_URI")
    link.handler = f"{APP_URL}/old"
    install_again(installed)
    assert bound(installed) == wanted()


def test_the_check_finds_nothing_on_a_fresh_installation(app: Flask, installed: Cast) -> None:
    code, output = check(app)
    assert code == 0
    assert output == f"{installed.portal.url}: as install.json says\n"


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("unbind", "CRM_COMPANY_DETAIL_TAB http://127.0.0.1:5999/card/company is not bound"),
        ("strange", "LEFT_MENU http://127.0.0.1:5999/x is bound, but install.json does not"),
        ("title", "CRM_COMPANY_DETAIL_TAB http://127.0.0.1:5999/card/company has other titles"),
        ("event", "ONAPPINSTALL http://127.0.0.1:5999/events is not bound"),
    ],
)
def test_the_check_says_what_differs(app: Flask, installed: Cast, harm: str, said: str) -> None:
    state = installed.portal.state
    if harm == "unbind":
        del state.placements[0]
    elif harm == "strange":
        state.placements.append(PlacementHandler(901, "LEFT_MENU", f"{APP_URL}/x", "X"))
    elif harm == "title":
        state.placements[0].lang_all = {}
    else:
        state.event_handlers = [h for h in state.event_handlers if h.event != "ONAPPINSTALL"]
    code, output = check(app)
    assert code == 1
    assert said in output
    assert len(output.splitlines()) == 1


@pytest.mark.parametrize(
    "forged",
    [
        "X)\r\nhttps://neighbor.example: as install.json says",
        "X\x1b[2K\x1b[1Ghttps://neighbor.example: as install.json says",
        "X\x9b2K\x85https://neighbor.example\x7f",
        "X\u2028https://neighbor.example\u202e",
        "X" + "\u2800" * 80 + "https://neighbor.example",
        "X" + " " * 75 + "https://neighbor.example",
    ],
)
@pytest.mark.parametrize("place", ["code", "placement", "handler"])
def test_the_check_prints_a_portals_text_on_one_line(
    app: Flask, installed: Cast, monkeypatch: pytest.MonkeyPatch, place: str, forged: str
) -> None:
    def differences(*_: object) -> Iterator[tuple[str, str, str]]:
        if place == "code":
            raise error_from({"error": forged}, 403)
        yield ("surplus", forged, "x") if place == "placement" else ("surplus", "LEFT_MENU", forged)

    monkeypatch.setattr(Installer, "differences", differences)
    code, output = check(app)
    assert code == 1
    (line,) = output.splitlines()
    assert line.isascii()
    assert line.isprintable()
    assert line.startswith(f"{installed.portal.url}: ")
    assert "   " not in line


def test_the_check_continues_after_a_portal_that_cannot_be_asked(
    app: Flask, installed: Cast, installed_elsewhere: Cast
) -> None:
    services_of(app).tokens.delete(installed.portal.member_id, ADMINISTRATOR)
    code, output = check(app)
    assert code == 1
    assert f"{installed.portal.url}: cannot be asked" in output
    assert f"{installed_elsewhere.portal.url}: as install.json says" in output


def test_the_check_asks_as_the_administrator_who_installed(app: Flask, installed: Cast) -> None:
    check(app)
    assert {request.user_id for request in installed.portal.requests} == {ADMINISTRATOR}


@pytest.mark.parametrize("gone", ["dismissed", "demoted", "without tokens", "not allowed"])
@pytest.mark.parametrize("others", [0, 60])
def test_the_check_asks_as_any_administrator(
    app: Flask, installed: Cast, gone: str, others: int
) -> None:
    portal, services = installed.portal, services_of(app)
    administrator = portal.user(ADMINISTRATOR)
    for number in range(others):
        services.tokens.save_newer(
            UserToken(
                portal.member_id,
                1000 + number,
                f"dead-access-{number}",
                f"dead-refresh-{number}",
                int(time.time()) - 60,
                services.settings.oauth_urls[0],
            )
        )
    portal.user(REGULAR_USER).admin = True
    if gone == "dismissed":
        state = portal.hub.tokens.state
        for name in ("access", "refresh"):
            tokens = getattr(state, name)
            kept = {key: one for key, one in tokens.items() if one.user_id != ADMINISTRATOR}
            setattr(state, name, kept)
    elif gone == "demoted":
        administrator.admin = False
    elif gone == "not allowed":
        portal.faults.add("error", "profile", code="user_access_error", count=1)
    else:
        services.tokens.delete(portal.member_id, ADMINISTRATOR)
    assert check(app) == (0, f"{portal.url}: as install.json says\n")


def test_without_an_administrator_the_check_says_what_to_do(app: Flask, installed: Cast) -> None:
    installed.portal.user(ADMINISTRATOR).admin = False
    said = "cannot be asked; let an administrator open the app once"
    assert check(app) == (1, f"{installed.portal.url}: {said}\n")


BEING_BOUND = "Unable to set placement handler: Process of binding the handler has already started"


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("opened", [True, False], ids=["installer", "update"])
def test_two_administrators_may_bind_at_the_same_moment(
    installed: Cast, count: int, opened: bool
) -> None:
    portal = installed.portal
    portal.state.placements.clear()
    portal.faults.add("error", "placement.bind", count=count, description=BEING_BOUND)
    if opened:
        install_again(installed)
    else:
        assert installed.administrator.post("/installation/update").status_code == 200
    assert bound(installed) == wanted()


def test_a_binding_that_stays_under_way_is_no_success(installed: Cast) -> None:
    installed.portal.state.placements.clear()
    installed.portal.faults.add("error", "placement.bind", description=BEING_BOUND)
    assert installed.administrator.post("/installation/update").status_code >= 400
