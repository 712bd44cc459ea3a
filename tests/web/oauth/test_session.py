"""Frame sessions expire after minutes. The portal confirms the user before a renewal."""

from __future__ import annotations

import datetime
import re
from html import unescape

import pytest
import time_machine

from tests.cast import Cast, Person


def renewal(person: Person) -> dict[str, str]:
    """Return what the script posts with fresh tokens from the portal."""
    launch = person.launch()
    names = ("AUTH_ID", "AUTH_EXPIRES", "REFRESH_ID", "member_id")
    return {name: launch.body[name] for name in names} | {
        "DOMAIN": person.portal.domain,
        "PROTOCOL": "0",
        "LANG": "en",
    }


@pytest.mark.parametrize("minutes", [0, 16])
def test_the_same_user_gets_a_new_session(installed: Cast, minutes: int) -> None:
    user = installed.regular_user
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=minutes)
    with time_machine.travel(later):
        answer = user.post("/session", renewal(user))
        assert answer.status_code == 200
        user.session = answer.get_json()["session"]
        assert user.post("/records/new").status_code == 200


def test_a_session_from_a_host_whose_clock_is_ahead_is_valid(installed: Cast) -> None:
    user = installed.regular_user
    with time_machine.travel(datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=5)):
        user.open()
    assert user.post("/records/new").status_code == 200


def user_key(page: str) -> str:
    """Return what stands for the user in a browser, as a page says it."""
    found = re.search(r'data-user="([0-9a-f]{16})"', page)
    assert found
    return found[1]


def test_the_key_of_a_user_in_a_browser_is_the_same_on_all_pages(installed: Cast) -> None:
    user = installed.administrator
    key = user_key(user.open().text)
    assert user_key(user.open().text) == key
    tab = user.open(
        placement="CRM_CONTACT_DETAIL_TAB", options={"ID": str(min(user.portal.state.contacts))}
    )
    assert user_key(tab.text) == key


def test_no_two_users_share_a_key(installed: Cast, installed_elsewhere: Cast) -> None:
    people = [
        installed.regular_user,
        installed.administrator,
        installed_elsewhere.regular_user,
        installed_elsewhere.administrator,
    ]
    assert len({user_key(person.open().text) for person in people}) == len(people)


def test_a_page_is_not_handed_over_to_another_user(installed: Cast) -> None:
    user, administrator = installed.regular_user, installed.administrator
    answer = user.post("/session", renewal(administrator))
    assert answer.status_code == 403
    assert "Someone else has logged in" in answer.text


def test_a_page_is_not_handed_over_to_another_portal(
    installed: Cast, installed_elsewhere: Cast
) -> None:
    answer = installed.regular_user.post("/session", renewal(installed_elsewhere.regular_user))
    assert answer.status_code == 403


def test_forged_tokens_renew_nothing(installed: Cast) -> None:
    user = installed.regular_user
    fields = renewal(user) | {"AUTH_ID": "0123456789abcdef" * 4}
    assert user.post("/session", fields).status_code == 401


def test_a_whole_page_with_an_expired_session_renews_itself(installed: Cast) -> None:
    user = installed.regular_user
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=16)
    with time_machine.travel(later):
        page = user.submit("/")
    assert page.status_code == 401
    assert "Logging you in again" in page.text
    assert installed.portal.url in page.headers["Content-Security-Policy"]


def test_a_session_is_not_renewed_for_a_user_who_lost_access(installed: Cast) -> None:
    user = installed.regular_user
    installed.portal.user(user.user_id).app_access = False
    response = user.post("/records/1")
    assert response.status_code == 403
    assert "Your administrator hasn't given you access to this app" in unescape(response.text)
