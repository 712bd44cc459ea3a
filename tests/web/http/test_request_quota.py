"""One portal with a thousand addresses leaves the workers to the others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import Table, func, select

from store import schema
from tests.cast import Cast, Person
from tests.web.steps import CHANGED, portal_event
from web.http.request_quota import QuotaExceeded, RequestQuota
from web.services import EXTENSION, services_of

AT_ONCE = 12
HERE, ELSEWHERE = "memberhere", "memberelsewhere"


@pytest.fixture
def quick(app: Flask, installed: Cast, installed_elsewhere: Cast) -> Flask:
    """The app with both portals installed and a small quota for each."""
    assert installed.portal is not installed_elsewhere.portal
    quota = RequestQuota(AT_ONCE, 0.001)
    app.extensions[EXTENSION] = replace(services_of(app), request_quota=quota)
    return app


def statuses(person: Person, path: str, count: int = AT_ONCE + 5) -> list[int]:
    """Post from another address each time."""
    found = []
    for number in range(count):
        person.client.environ_base["REMOTE_ADDR"] = f"203.0.113.{number}"
        found.append(person.post(path, {"q": "anna"}).status_code)
    return found


@pytest.mark.parametrize("path", ["/customers/recent", "/records/1/changes", "/customers/new"])
def test_a_portal_has_a_quota_whatever_addresses_it_uses(
    quick: Flask, installed: Cast, installed_elsewhere: Cast, path: str
) -> None:
    found = statuses(installed.regular_user, path)
    assert 429 not in found[:AT_ONCE]
    assert found[AT_ONCE:] == [429] * 5
    # All users of the portal share it, and the neighbors do not notice.
    assert installed.administrator.post(path).status_code == 429
    assert 429 not in statuses(installed_elsewhere.regular_user, path, AT_ONCE)
    assert quick.test_client().get("/healthz").status_code == 200


def test_a_part_of_the_page_says_so_and_when_to_come_back(quick: Flask, installed: Cast) -> None:
    user = installed.regular_user
    statuses(user, "/customers/recent", AT_ONCE)
    assert quick.test_client()
    part = user.post("/customers/search", {"q": "anna"})
    assert part.status_code == 429
    assert int(part.headers["Retry-After"]) > 0
    assert "Your Bitrix24 sends this app too many requests." in part.text
    assert 'role="alert"' in part.text
    assert "<html" not in part.text
    page = user.open()
    assert page.status_code == 429
    assert "Your Bitrix24 sends this app too many requests." in page.text
    assert "<html" in page.text


def rows(app: Flask, table: Table) -> int:
    with services_of(app).engine.begin() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_a_flood_of_events_writes_no_more_rows_than_the_quota(
    quick: Flask, installed: Cast, installed_elsewhere: Cast
) -> None:
    found = []
    for number in range(1, AT_ONCE + 6):
        event = portal_event(installed, CHANGED, **{"data[ID]": str(number)})
        answer = installed.stranger.client.post(
            "/events", data=event, environ_base={"REMOTE_ADDR": f"203.0.113.{number}"}
        )
        found.append(answer.status_code)
    assert found == [200] * AT_ONCE + [429] * 5
    services_of(quick).coalescer.flush(installed.portal.member_id)
    assert rows(quick, schema.record_events) == AT_ONCE
    theirs = portal_event(installed_elsewhere, CHANGED, **{"data[ID]": "1"})
    assert installed_elsewhere.stranger.client.post("/events", data=theirs).status_code == 200


def test_forged_events_and_sessions_use_up_no_quota_of_a_portal(
    quick: Flask, installed: Cast
) -> None:
    forged = portal_event(installed, CHANGED, **{"auth[application_token]": "a guess"})
    stranger = installed.stranger
    stranger.session = installed.regular_user.session[:-2] + "xx"
    for _ in range(AT_ONCE + 5):
        assert quick.test_client().post("/events", data=forged).status_code == 403
        assert stranger.post("/customers/recent").status_code == 401
    assert installed.regular_user.post("/customers/recent").status_code == 200


def test_an_uninstall_is_never_over_the_quota(quick: Flask, installed: Cast) -> None:
    statuses(installed.regular_user, "/customers/recent")
    assert quick.test_client()
    event = portal_event(installed, "ONAPPUNINSTALL")
    assert installed.stranger.client.post("/events", data=event).status_code in {200, 403}


def test_the_quota_is_renewed_bit_by_bit() -> None:
    now = [0.0]
    quota = RequestQuota(4, 2, clock=lambda: now[0])
    for _ in range(4):
        quota.take(HERE)
    with pytest.raises(QuotaExceeded):
        quota.take(HERE)
    quota.take(ELSEWHERE)
    now[0] += 0.5
    quota.take(HERE)
    with pytest.raises(QuotaExceeded) as caught:
        quota.take(HERE)
    assert caught.value.retry_after > 0
    now[0] += 60
    for _ in range(4):
        quota.take(HERE)
