"""Several records are removed in few requests, each only as the user has seen it."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from sandbox import Sandbox
from sandbox.portal.colleague import link_client
from sandbox.portal.portal import Portal
from store.pending.writes import State
from tests.cast import Cast, Person
from tests.web.steps import (
    colleague_sets,
    customer_keys,
    forget_customers,
    let_pass,
    methods_asked,
    records_last_seen,
    records_with_events,
    until_in,
    visible_contacts,
)
from waitlist.bulk.remove import MOST
from waitlist.models import clean_note, note_digest
from waitlist.pending_writes import HORIZON
from web.services import services_of

DELETE = "booking.v1.waitlist.delete"
OUTCOME = re.compile(
    r'id="outcome-(\d+)" class="outcome" data-outcome="(\w+)">(.*?)</p>', re.DOTALL
)
ROUTES = ("/records/removal", "/records/remove")


def shown(portal: Portal, *numbers: int) -> dict[str, list[str]]:
    """Return what a page sends of rows that show these records."""
    lines = []
    for number in numbers:
        digest = note_digest(clean_note(portal.records[number].note))
        lines.append(" ".join([str(number), digest, *customer_keys(portal, number)]))
    return {"shown": lines}


def outcomes(answer: TestResponse) -> dict[int, str]:
    assert answer.status_code == 200, answer.text
    return {int(number): outcome for number, outcome, _ in OUTCOME.findall(answer.text)}


def reasons(answer: TestResponse) -> dict[int, str]:
    text = {int(number): rest for number, _, rest in OUTCOME.findall(answer.text)}
    return {number: unescape(re.sub("<[^>]+>", "", rest)) for number, rest in text.items()}


def open_states(app: Flask, portal: Portal) -> list[State]:
    return [write.state for write in services_of(app).writes.of_portal(portal.member_id)]


@pytest.fixture
def several(portal: Portal) -> list[int]:
    return list(portal.records)[:5]


def test_they_are_removed_and_leave_the_list(
    app: Flask, raj: Person, portal: Portal, several: list[int]
) -> None:
    answer = raj.post("/records/remove", shown(portal, *several))
    assert outcomes(answer) == dict.fromkeys(several, "removed")
    for number in several:
        assert number not in portal.records
        assert f'<span id="record-{number}" hidden>' in answer.text
    assert open_states(app, portal) == []


def test_what_will_happen_is_told_without_removing(
    raj: Person, portal: Portal, several: list[int]
) -> None:
    answer = raj.post("/records/removal", shown(portal, *several))
    assert outcomes(answer) == dict.fromkeys(several, "removed")
    assert "<span id=" not in answer.text
    assert set(several) <= set(portal.records)
    assert DELETE not in methods_asked(portal)


def lines_of(page: str) -> dict[int, str]:
    """Return what the script sends of the rows of a page, by record."""
    lines = {}
    for row in re.findall(r'<button type="button" role="option".*?>', page, re.DOTALL):
        number = re.findall(r'value="(\d+)"', row)[0]
        note = re.findall(r'data-note="(\w+)"', row)[0]
        people = unescape(re.findall(r'data-people="([^"]*)"', row)[0])
        keys = re.findall(r"^\w+:\d+", people, re.MULTILINE)
        lines[int(number)] = " ".join([number, note, *keys])
    return lines


def test_the_rows_of_the_page_say_what_is_sent(raj: Person) -> None:
    lines = list(lines_of(raj.open().text).values())[:MOST]
    assert len({line.split()[1] for line in lines}) > 2
    answer = raj.post("/records/removal", {"shown": lines})
    assert set(outcomes(answer).values()) == {"removed"}


@pytest.mark.records(300)
@pytest.mark.parametrize("route", ROUTES)
def test_a_row_of_a_mirror_that_is_late_is_read_before_and_kept(
    olga: Person, sandbox: Sandbox, portal: Portal, route: str
) -> None:
    olga.open()
    sandbox.switches.mirror = "late"
    late, other = [number for number, item in portal.records.items() if item.clients][:2]
    link_client(portal, late, "CONTACT", 290)
    page = olga.open().text
    assert f'id="record-{late}"' in page
    lines = lines_of(page)
    assert "CONTACT:290" not in lines[late]
    answer = olga.post(route, {"shown": [lines[late], lines[other]]})
    assert outcomes(answer) == {late: "kept", other: "removed"}
    assert late in portal.records
    assert "CONTACT:290" in lines_of(answer.text)[late]


@pytest.mark.parametrize("restarted", [False, True])
def test_as_many_as_one_form_takes_cost_two_requests(
    app: Flask, raj: Person, portal: Portal, restarted: bool
) -> None:
    some = shown(portal, *list(portal.records)[:MOST])
    if restarted:
        forget_customers(app)
    portal.requests.clear()
    assert set(outcomes(raj.post("/records/removal", some)).values()) == {"removed"}
    assert [request.method for request in portal.requests] == ["batch"]
    portal.requests.clear()
    assert set(outcomes(raj.post("/records/remove", some)).values()) == {"removed"}
    assert [request.method for request in portal.requests] == ["batch"] * 2
    assert portal.requests[1].methods == [DELETE] * MOST


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("what", ["customers", "note"])
def test_what_a_colleague_has_changed_is_kept_and_said(
    raj: Person, portal: Portal, several: list[int], route: str, what: str
) -> None:
    changed, *others = several
    sent = shown(portal, *several)
    if what == "customers":
        (new,) = visible_contacts(portal, changed)
        colleague_sets(portal, changed, [*customer_keys(portal, changed), new])
        name = str(portal.state.contacts[int(new.partition(":")[2])].fields["lastName"])
    else:
        portal.records[changed].note = "Has called again"
    answer = raj.post(route, sent)
    assert outcomes(answer) == {changed: "kept", **dict.fromkeys(others, "removed")}
    assert changed in portal.records
    if what == "customers":
        assert name in reasons(answer)[changed]
        assert "added outside this app" in reasons(answer)[changed]
    else:
        assert "The note was changed" in reasons(answer)[changed]
        assert "Has called again" in answer.text, "the row is shown as it is now"
    assert f'<button type="button" role="option" id="record-{changed}"' in answer.text


def test_a_change_by_another_user_of_the_app_is_said_by_name(
    olga: Person, raj: Person, portal: Portal, several: list[int]
) -> None:
    changed = several[0]
    sent, base = shown(portal, *several), customer_keys(portal, changed)
    fields = {"base": base, "customer": [*base, *visible_contacts(portal, changed)]}
    assert "Saved." in olga.post(f"/records/{changed}/save", fields).text
    reason = reasons(raj.post("/records/removal", sent))[changed]
    assert portal.user(olga.user_id).name in reason


def test_reasons_for_many_changed_records_cost_no_request_each(
    app: Flask, raj: Person, portal: Portal
) -> None:
    numbers = list(portal.records)[:MOST]
    sent = shown(portal, *numbers)
    for number in numbers:
        colleague_sets(portal, number, visible_contacts(portal, number))
    forget_customers(app)
    portal.requests.clear()
    assert set(outcomes(raj.post("/records/removal", sent)).values()) == {"kept"}
    assert len(portal.requests) <= 3


@pytest.mark.parametrize("route", ROUTES)
def test_a_record_that_is_gone_already_is_said(
    raj: Person, portal: Portal, several: list[int], route: str
) -> None:
    sent = shown(portal, *several)
    gone = several[2]
    portal.records[gone].deleted = True
    answer = raj.post(route, sent)
    assert outcomes(answer)[gone] == "gone"
    assert f'<span id="record-{gone}" hidden>' in answer.text


def test_one_that_is_refused_is_kept_with_the_reason(
    raj: Person, portal: Portal, several: list[int]
) -> None:
    sent = shown(portal, *several)
    portal.faults.add("error", DELETE, code="1036", description="database is away", count=1)
    answer = raj.post("/records/remove", sent)
    assert sorted(outcomes(answer).values()) == ["kept", *["removed"] * 4]
    kept = next(number for number, outcome in outcomes(answer).items() if outcome == "kept")
    assert kept in portal.records
    assert "The record could not be removed." in reasons(answer)[kept]
    assert "database is away" not in answer.text


@pytest.mark.parametrize("fault", ["drop_after", "truncated", "html"])
def test_a_lost_answer_is_looked_for_in_one_request(
    app: Flask, raj: Person, portal: Portal, several: list[int], fault: str
) -> None:
    sent = shown(portal, *several)
    portal.requests.clear()
    portal.faults.add(fault, DELETE)
    answer = raj.post("/records/remove", sent)
    removed = {number for number in several if number not in portal.records}
    assert {one for one, outcome in outcomes(answer).items() if outcome == "removed"} == removed
    assert len(portal.requests) == 3
    if fault == "drop_after":
        assert removed == set(several)
    assert State.UNKNOWN not in open_states(app, portal) or removed != set(several)


def test_what_is_not_known_yet_is_said_and_looked_up_later(
    app: Flask, raj: Person, portal: Portal, several: list[int]
) -> None:
    until = until_in(raj.open().text)
    sent = shown(portal, *several)
    portal.faults.add("late", DELETE, count=1, seconds=3600)
    answer = raj.post("/records/remove", sent)
    assert outcomes(answer) == dict.fromkeys(several, "unknown")
    assert "The app looks again by itself." in reasons(answer)[several[0]]
    assert open_states(app, portal) == [State.UNKNOWN] * len(several)

    again = raj.post("/records/remove", sent)
    assert set(outcomes(again).values()) == {"unknown"}, "a late call may still remove them"

    portal.late.run_all()
    let_pass(app, HORIZON)
    told = raj.post("/records/news", {"until": until}).text
    for number in several:
        assert number not in portal.records
        assert f'<span id="record-{number}" hidden>' in told
    assert open_states(app, portal) == []


@pytest.mark.parametrize("fault", ["QUERY_LIMIT_EXCEEDED", "drop_before"])
def test_if_nothing_could_be_read_nothing_is_removed_and_said_so(
    app: Flask, raj: Person, portal: Portal, several: list[int], fault: str
) -> None:
    sent = shown(portal, *several)
    portal.faults.add(fault)
    answer = raj.post("/records/remove", sent)
    assert answer.status_code in {502, 503}
    assert "Nothing was changed." in answer.text
    assert "Try again" in answer.text
    assert set(several) <= set(portal.records)
    assert open_states(app, portal) == []


def test_a_record_that_is_being_saved_is_kept_without_waiting(
    app: Flask, raj: Person, portal: Portal, several: list[int]
) -> None:
    busy = several[0]
    assert services_of(app).writes.claim(portal.member_id, busy, 99)
    answer = raj.post("/records/remove", shown(portal, *several))
    assert outcomes(answer) == {busy: "kept", **dict.fromkeys(several[1:], "removed")}
    assert "others are changing this record right now" in reasons(answer)[busy]


def test_a_removal_is_news_and_the_customers_wait_there_no_more(
    app: Flask, installed: Cast, number: int
) -> None:
    portal = installed.portal
    (key,) = customer_keys(portal, number)
    installed.administrator.open()
    assert number in records_last_seen(app, installed, key)
    installed.administrator.post("/records/remove", shown(portal, number))
    assert number in records_with_events(app, installed)
    assert number not in records_last_seen(app, installed, key)


@pytest.mark.parametrize("route", ROUTES)
def test_users_without_access_to_customers_remove_nothing(
    tomas: Person, portal: Portal, several: list[int], route: str
) -> None:
    answer = tomas.post(route, shown(portal, *several))
    assert answer.status_code == 403
    assert "You can only read the waiting list" in answer.text
    assert set(several) <= set(portal.records)


@pytest.mark.parametrize("route", ROUTES)
def test_records_of_another_portal_stay(
    installed_elsewhere: Cast, portal: Portal, several: list[int], route: str
) -> None:
    """The other portal has records of the same numbers."""
    installed_elsewhere.administrator.post(route, shown(portal, *several))
    assert set(several) <= set(portal.records)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "lines",
    [[], ["1"] * (MOST + 1), ["0 0"], ["x 0"], ["1 0 LEAD:5"], ["1 0 CONTACT:"]],
    ids=["none", "too many", "no number", "a word", "no customer", "no id"],
)
def test_a_form_that_is_not_ours_removes_nothing(
    raj: Person, portal: Portal, route: str, lines: list[str]
) -> None:
    before = set(portal.records)
    assert raj.post(route, {"shown": lines}).status_code == 400
    assert set(portal.records) == before


@pytest.mark.parametrize("line", ["1", "1 ", "1  "])
def test_a_line_without_a_digest_fits_no_record(raj: Person, portal: Portal, line: str) -> None:
    colleague_sets(portal, 1, [])
    portal.records[1].note = ""
    assert outcomes(raj.post("/records/remove", {"shown": [line]})) == {1: "kept"}
    assert 1 in portal.records


def test_a_record_that_never_was_is_no_news_and_not_the_newest(app: Flask, raj: Person) -> None:
    tracker = services_of(app).tracker(raj.portal.member_id)
    newest, until = tracker.newest(), tracker.until()
    assert set(outcomes(raj.post("/records/remove", {"shown": f"{2**31 - 1} 0"})).values()) == {
        "gone"
    }
    assert (tracker.newest(), tracker.until()) == (newest, until)


def test_removals_are_made_on_behalf_of_the_user(
    raj: Person, portal: Portal, several: list[int]
) -> None:
    portal.requests.clear()
    raj.post("/records/remove", shown(portal, *several))
    assert {request.user_id for request in portal.requests} == {raj.user_id}
