"""The privacy policy says what the app stores and which cookies it sets."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace

import pytest
from flask import Flask

from sandbox.portal import lifecycle
from settings import Settings
from store.retention import DAY, UNUSED
from store.schema import metadata
from tests.cast import Cast
from tests.quick_app import quick_app
from tests.web.steps import portal_event, post_event

ADDRESS = "The address and the ID of your Bitrix24."
INSTALLED = (
    "Whether the app is installed, by which user, the ID of the latest record and, encrypted,"
)
ACCESS = "the user's ID and, encrypted, the user's name and the access that Bitrix24 gives the app."
LAST_SEEN = "the IDs of the customers last seen on it"
CHANGED = "for a week, the fact that it has changed."
CHANGE = "the IDs of the record, of its customers before and after, and of the user, and the time."
BOOKED = "the IDs of the booking, of the record before and after, and of the user, and the time."
CALLED = "the IDs of the record and of the user, the result, the time, and when to call back."
COMING = "until it is over: its ID, the IDs of its resources, and its time, to tell you"
OPEN = "Until the outcome of such a change is known and read, for a week at most: the same,"
NOTE = "and what can be recognized of the note, but not the note."
CREATED = "its ID and the user's ID, so that nothing is created twice."
UNINSTALLED = "the history of changes is deleted a week later"
COOKIE = "it sets one cookie for at most 10 minutes."
TECHNICAL = "With all of these: times, and random words that keep the app's own work in order."
STORED = {
    ADDRESS: "portals.member_id portals.endpoint portals.domain",
    INSTALLED: "portals.status portals.installed_by portals.newest_record "
    "portals.application_token portals.installation",
    ACCESS: "user_tokens.member_id user_tokens.user_id user_tokens.access_token "
    "user_tokens.refresh_token user_tokens.server user_tokens.name",
    LAST_SEEN: "last_seen.member_id last_seen.record_id last_seen.customer",
    CHANGED: "record_events.member_id record_events.record_id record_events.happened_at "
    "record_events.kind",
    CHANGE: "changes.member_id changes.record_id changes.user_id changes.before changes.after "
    "changes.made_at",
    BOOKED: "bookings.member_id bookings.booking_id bookings.record_id bookings.back_record "
    "bookings.user_id bookings.made_at",
    CALLED: "calls.member_id calls.record_id calls.user_id calls.result calls.made_at "
    "calls.callback_at",
    COMING: "coming_bookings.member_id coming_bookings.booking_id coming_bookings.resources "
    "coming_bookings.start_at coming_bookings.end_at coming_bookings.zone coming_bookings.freed "
    "booking_scans.member_id",
    OPEN: "writes.member_id writes.record_id writes.user_id writes.kind writes.state "
    "writes.seen writes.checks",
    NOTE: "writes.before writes.after",
    CREATED: "attempts.member_id attempts.user_id attempts.made attempts.change_id "
    "attempts.newest attempts.fingerprint",
    UNINSTALLED: "uninstalls.member_id uninstalls.delete_history uninstalls.proven",
    COOKIE: "oauth_states.member_id oauth_states.state oauth_states.browser",
    TECHNICAL: "calls.number calls.changed calls.hidden_by changes.number "
    "record_events.number portals.changed_at user_tokens.expires_at "
    "user_tokens.lease user_tokens.lease_until changes.id record_events.id oauth_states.expires_at "
    "attempts.attempt attempts.lease attempts.lease_until attempts.claimed_at "
    "attempts.asked_at attempts.asked_tick attempts.asked_host uninstalls.due_at writes.id "
    "writes.asked_at writes.asked_tick writes.asked_host writes.lease booking_scans.hints "
    "booking_scans.hints_scanned booking_scans.scanned_at booking_scans.version "
    "booking_scans.lease booking_scans.lease_until",
}
"""What the policy says, and the columns that it says it of."""
ASKED = "For each request to your Bitrix24: the time, what was asked for, how it was answered,"
IDS = "and the IDs of the user, records and customers."
JOURNAL = {
    **dict.fromkeys(("time", "request_id", "method", "params", "calls"), ASKED),
    **dict.fromkeys(("status", "error", "kind", "ms", "answer"), ASKED),
    **dict.fromkeys(("member_id", "user_id"), IDS),
}
"""What the policy says about each field of a line in the journal."""
LOGGED = {
    "time": "For each request that the app refuses: the time,",
    "from": "the IP address it came from,",
    "member_id": "and the Bitrix24 it named.",
    "domain": "and the Bitrix24 it named.",
    "refused": "For each request that the app refuses:",
    "why": "For each request that the app refuses:",
}
"""What the policy says about each field of a line in the security log."""


ACCEPTED = {
    "time": "and each revoked session: the time,",
    "member_id": "your Bitrix24, and the user.",
    "user_id": "your Bitrix24, and the user.",
    "accepted": "For each installation, update and removal of the app",
    "delete_history": "If your administrator chooses to delete the data of the app,",
}
"""What the policy says about each field of an accepted act."""


def policy(app: Flask) -> str:
    return html.unescape(app.test_client().get("/legal/privacy").text)


def test_the_policy_names_what_each_column_holds(app: Flask) -> None:
    stored = sorted(
        f"{table}.{column.name}" for table in metadata.tables.values() for column in table.c
    )
    assert sorted(" ".join(STORED.values()).split()) == stored
    page = policy(app)
    assert [sentence for sentence in STORED if sentence not in page] == []


def test_the_policy_names_what_the_journal_holds(
    app: Flask, installed: Cast, config: Settings
) -> None:
    installed.regular_user.open()
    installed.regular_user.post("/records/1/link")
    (log,) = config.log_dir.glob("rest-*.jsonl")
    logged = {field for line in log.read_text().splitlines() for field in json.loads(line)}
    assert logged == set(JOURNAL)
    page = policy(app)
    assert [sentence for sentence in JOURNAL.values() if sentence not in page] == []


def test_the_policy_names_what_the_security_log_holds(
    app: Flask, here: Cast, config: Settings
) -> None:
    stranger = here.stranger
    assert stranger.post_launch(stranger.launch(), member_id="0" * 32).status_code == 403
    (log,) = config.log_dir.glob("security-*.jsonl")
    here.administrator.open()
    lifecycle.uninstall(here.portal)
    assert post_event(here, portal_event(here, "ONAPPUNINSTALL")) == 200
    refused, *accepted = [json.loads(line) for line in log.read_text().splitlines()]
    assert set(refused) == set(LOGGED)
    assert set().union(*accepted) == set(ACCEPTED)
    page = policy(app)
    said = [*LOGGED.values(), *ACCEPTED.values()]
    assert [sentence for sentence in said if sentence not in page] == []
    assert f"deleted after {config.log_retention_days} days" in page


@pytest.mark.parametrize("days", [30, 365])
def test_the_policy_says_how_long_the_history_is_kept(config: Settings, days: int) -> None:
    page = policy(quick_app(replace(config, history_retention_days=days)))
    assert f"Changes in the history are deleted after {days} days." in page
    assert f"Access that is not used is deleted after {UNUSED // DAY} days." in page


def test_the_policy_names_the_only_cookie(app: Flask, installed: Cast) -> None:
    client = installed.regular_user.client
    assert "Set-Cookie" not in installed.regular_user.open().headers
    start = client.get(f"/oauth/start?domain={installed.portal.domain}")
    (cookie,) = start.headers.getlist("Set-Cookie")
    assert "Max-Age=600;" in cookie
    assert "Inside Bitrix24 the app sets no cookies." in policy(app)
    assert "for at most 10 minutes" in policy(app)


@pytest.mark.parametrize(
    ("path", "other"), [("license", "/legal/privacy"), ("privacy", "/legal/license")]
)
@pytest.mark.parametrize("lang", ["", "ar", "de", "la", "fr", "it", "pl", "br"])
def test_a_legal_page_names_its_date_and_a_contact_and_leads_to_the_other(
    config: Settings, path: str, other: str, lang: str
) -> None:
    contact = "mailto:legal@example.com"
    app = quick_app(replace(config, security_contact=contact))
    query = f"?lang={lang}" if lang else ""
    page = app.test_client().get(f"/legal/{path}{query}").text
    assert re.search(r'<time datetime="20\d\d-\d\d-\d\d"', page)
    assert f'<a href="{contact}"><bdi>legal@example.com</bdi></a>' in page
    assert f'<a href="{other}{query}">' in page


def test_without_a_contact_of_its_own_a_legal_page_names_the_market(app: Flask) -> None:
    page = app.test_client().get("/legal/license").text
    assert "through the page of this app in the Bitrix24 Market." in page
    assert "<time" in page
