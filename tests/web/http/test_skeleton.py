"""A late page follows a skeleton without data, sent before the handshake ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from threading import Event

import pytest
from flask import Flask

from tests.cast import EXTRANET, SESSION, Cast, Person
from web.http import skeleton
from web.services import services_of

ROW = re.compile(r'role="option" id="record-(\d+)"')
CHANGING = re.compile(r'nonce="[^"]*"|name="session" value="[^"]*"|calls=[0-9.]+')
SCRIPT = "js/board/page.js"
pytestmark = pytest.mark.records(20)


def post(person: Person, **changes: str) -> tuple[str, Iterator[str], str]:
    """Return what is sent at once, what follows, and which portal may show it."""
    answer = person.post_launch(person.launch(), buffered=False, **changes)
    assert answer.status_code == 200
    pieces = (piece.decode() for piece in answer.iter_encoded())
    policy = answer.headers["Content-Security-Policy"]
    return next(pieces), pieces, policy.partition("frame-ancestors ")[2]


def late(person: Person, verified: Event, **changes: str) -> str:
    """Post a launch that is verified after its skeleton, and return what follows that."""
    first, rest, _ = post(person, **changes)
    assert ROW.findall(first) == []
    verified.set()
    return "".join(rest)


def test_the_skeleton_is_sent_before_the_user_is_known(
    installed: Cast, raj: Person, verified: Event
) -> None:
    installed.portal.requests.clear()
    first, rest, framed_by = post(raj)
    assert "Bitrix24 is answering slowly" in first
    assert 'class="card bones"' in first
    assert framed_by == installed.portal.url.rstrip("/")
    assert installed.portal.requests == []
    assert SESSION.findall(first) == ROW.findall(first) == []
    assert SCRIPT in first.partition('rel="modulepreload"')[2], "fetched meanwhile"
    verified.set()
    assert len(ROW.findall("".join(rest))) == len(installed.portal.records)


def test_a_late_page_is_the_same_as_one_in_time(raj: Person, verified: Event) -> None:
    first, rest, _ = post(raj)
    verified.set()
    late_page = first + "".join(rest)
    skeleton.PATIENCE = 60.0
    in_time = raj.open().text
    assert CHANGING.sub("", late_page) == CHANGING.sub("", in_time).replace(
        str(skeleton.END_OF_SKELETON), ""
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"AUTH_ID": "0123456789abcdef0123456789abcdef"}, "Logging you in again"),
        ({"member_id": "0" * 32}, "This page could not be opened"),
    ],
)
def test_a_late_refusal_takes_the_place_of_the_skeleton(
    installed: Cast, raj: Person, verified: Event, changes: dict[str, str], words: str
) -> None:
    installed.portal.requests.clear()
    rest = late(raj, verified, **changes)
    assert words in rest
    assert "getElementById('app').remove()" in rest
    assert SCRIPT not in rest.replace("modulepreload", "")
    assert SESSION.findall(rest) == ROW.findall(rest) == []
    assert installed.portal.requests == []


def test_a_guest_is_refused_after_the_skeleton(installed: Cast, verified: Event) -> None:
    guest = Person(installed.regular_user.client, installed.portal, EXTRANET)
    rest = late(guest, verified)
    assert "This app is for employees" in rest
    assert SESSION.findall(rest) == ROW.findall(rest) == []


def test_a_late_error_takes_the_place_of_the_skeleton(
    installed: Cast, raj: Person, verified: Event
) -> None:
    installed.portal.faults.add("QUERY_LIMIT_EXCEEDED", "profile")
    rest = late(raj, verified)
    assert re.search(r'<div role="alert">\s*<h1>Bitrix24 is busy', rest)
    assert "data-countdown" in rest


def test_a_late_error_of_the_list_is_shown_on_the_page(
    installed: Cast, raj: Person, verified: Event
) -> None:
    installed.portal.faults.add("booking_disabled", "booking.v1.waitlist.list")
    rest = late(raj, verified)
    assert "Online Booking is switched off" in rest
    assert SESSION.search(rest)


def test_an_unexpected_error_is_told_after_the_skeleton(
    app: Flask, raj: Person, verified: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr("web.board.page.user_context", lambda *_: 1 // 0)
    rest = late(raj, verified)
    assert "That didn&#39;t work" in rest
    assert "ZeroDivisionError" not in rest


def test_an_administrator_repairs_the_installation_after_the_skeleton(
    app: Flask, installed: Cast, verified: Event
) -> None:
    services_of(app).portals.uninstall(installed.portal.member_id)
    rest = late(installed.administrator, verified)
    assert "Everything is set up." in rest
    assert "js/pages/install.js" in rest


def test_a_record_that_a_link_names_follows_the_skeleton(
    raj: Person, number: int, verified: Event
) -> None:
    rest = late(
        raj,
        verified,
        PLACEMENT="REST_APP_URI",
        PLACEMENT_OPTIONS=f'{{"record": "{number}"}}',
    )
    assert 'id="record-title"' in rest
    assert f"Record #{number}" in rest


def test_nothing_is_sent_to_a_portal_that_is_not_known_before_it_is_verified(
    installed: Cast, elsewhere: Cast, verified: Event
) -> None:
    verified.set()
    answer = elsewhere.regular_user.post_launch(elsewhere.regular_user.launch())
    assert "Bitrix24 is answering slowly" not in answer.text
    raj = installed.regular_user
    refused = raj.client.post("/", data={**raj.launch().body, "DOMAIN": "other.example"})
    assert refused.status_code == 403


def test_a_browser_that_goes_away_leaves_no_thread_behind(
    app: Flask, raj: Person, verified: Event
) -> None:
    answer = raj.post_launch(raj.launch(), buffered=False)
    next(answer.iter_encoded())
    verified.set()
    answer.close()
    assert services_of(app).tokens.find(raj.portal.member_id, raj.user_id)
    assert services_of(app).limits.bulkhead.taken == 0
