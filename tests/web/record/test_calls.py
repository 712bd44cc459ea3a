"""Calls to customers: colleagues see them, and a call back can be a to-do in CRM."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import datetime
from html import unescape

import pytest
import time_machine
from flask import Flask
from sqlalchemy.exc import OperationalError

from sandbox.portal import lifecycle
from sandbox.portal.portal import Portal
from store.calls.log import CALLING_SECONDS, CallLog
from tests.cast import ADMINISTRATOR, REGULAR_USER, Cast, Person
from tests.web.steps import (
    customer_keys,
    let_pass,
    methods_asked,
    portal_event,
    post_event,
    statements_of,
)
from waitlist.pending_writes import HORIZON
from web.services import services_of

NEWS = re.compile(r'id="live-updates" hidden data-url="([^"]+)" data-until="(\d+)"')
ADD = "crm.activity.todo.add"
MADE = "The to-do is in CRM."
UNKNOWN = "It is not known yet whether the to-do is in CRM."
TO_DO = {"at": "15:00", "to_do": "1"}
NONE = "there is no to-do in CRM."


@pytest.fixture
def afternoon(olga: Person, raj: Person) -> Iterator[time_machine.Traveller]:
    """14:05 on the portal's clock, which shows UTC. Olga and Raj open the app then."""
    now = datetime.fromisoformat(f"{time.strftime('%Y-%m-%d', time.gmtime())}T14:05:00+00:00")
    with time_machine.travel(now, tick=False) as clock:
        olga.open()
        raj.open()
        yield clock


class Page:
    """The main page of a person, who asks it for news as its script does."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._learn(person.open().text)

    def news(self) -> str:
        """Return the words that are new."""
        answer = self._person.post(self._url, {"until": self._until})
        if answer.status_code == 200:
            self._learn(answer.text)
        return words(answer.text)

    def _learn(self, text: str) -> None:
        found = NEWS.search(text)
        assert found
        self._url, self._until = unescape(found[1]), found[2]


def words(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def call(
    person: Person, number: int, result: str, status: int = 200, *, at: str = "", to_do: str = ""
) -> str:
    fields = {name: text for name, text in (("at", at), ("to_do", to_do)) if text}
    answer = person.post(f"/records/{number}/call?result={result}", fields)
    assert answer.status_code == status, answer.text
    return answer.text


def call_back(person: Person, number: int, status: int = 200) -> str:
    """Ask for a to-do, too."""
    return call(person, number, "call_back", status, **TO_DO)


def undo(person: Person, number: int, answer: str) -> str:
    found = re.search(r'name="call" value="(\d+)"', answer)
    assert found
    return words(person.post(f"/records/{number}/call/undo", {"call": found[1]}).text)


def away(*_: object) -> None:
    raise OperationalError("SELECT", {}, Exception("away"))


def row_of(person: Person, number: int) -> str:
    page = person.submit("/").text
    return words(page.partition(f'id="record-{number}"')[2].partition("</button>")[0])


@pytest.mark.usefixtures("afternoon")
@pytest.mark.parametrize(
    ("result", "said"),
    [
        ("calling", "Olivia Hartmann is calling"),
        ("no_answer", "no answer 14:05"),
        ("will_come", "will come 14:05"),
        ("declined", "declined 14:05"),
        ("call_back", "call back at 15:00"),
    ],
)
def test_a_colleague_sees_the_call_without_a_request_to_the_portal(
    olga: Person, raj: Person, portal: Portal, number: int, result: str, said: str
) -> None:
    page = Page(raj)
    olga.open()
    portal.requests.clear()
    call(olga, number, result, at="15:00")
    assert said in page.news()
    assert page.news() == ""
    assert portal.requests == []
    assert said in row_of(raj, number)
    assert "Olivia Hartmann" in words(raj.post(f"/records/{number}").text)


def test_boris_is_calling_for_ten_minutes(
    olga: Person, raj: Person, number: int, afternoon: time_machine.Traveller
) -> None:
    page = Page(raj)
    call(olga, number, "no_answer")
    afternoon.shift(CALLING_SECONDS)
    olga.open()
    raj.open()
    call(olga, number, "calling")
    assert "is calling" in page.news()
    afternoon.shift(CALLING_SECONDS - 1)
    raj.open()
    assert page.news() == ""
    afternoon.shift(1)
    assert "no answer 14:05" in page.news()


def test_a_call_back_that_is_due_is_marked_on_open_pages(
    olga: Person, raj: Person, number: int, afternoon: time_machine.Traveller
) -> None:
    call(olga, number, "call_back", at="14:30")
    page = Page(raj)
    assert 'class="call is-due"' not in raj.submit("/").text
    afternoon.shift(25 * 60)
    raj.open()
    assert "call back at 14:30" in page.news()
    assert 'class="call is-due"' in raj.submit("/").text


def test_a_time_that_has_passed_is_tomorrows(
    olga: Person, number: int, afternoon: time_machine.Traveller
) -> None:
    assert "call back tomorrow at 9:00" in words(call(olga, number, "call_back", at="09:00"))
    afternoon.shift(18 * 3600)
    olga.open()
    assert "call back at 9:00" in row_of(olga, number)


def test_calls_of_yesterday_are_in_the_history_only(
    olga: Person, number: int, afternoon: time_machine.Traveller
) -> None:
    call(olga, number, "declined")
    afternoon.shift(12 * 3600)
    olga.open()
    assert "declined" not in row_of(olga, number)
    assert "You called: declined" in words(olga.post(f"/records/{number}/history").text)


@pytest.mark.usefixtures("afternoon")
def test_a_wrong_result_is_taken_back_or_corrected(olga: Person, raj: Person, number: int) -> None:
    first = call(olga, number, "no_answer")
    second = call(olga, number, "will_come")
    assert "no answer" not in words(second)
    page = Page(raj)
    assert "You called: no answer" in undo(olga, number, second)
    assert "no answer 14:05" in page.news()
    assert words(undo(olga, number, first)) == "Undone."
    page.news()
    assert "no answer" not in row_of(raj, number)


def test_what_follows_from_a_result_is_offered(olga: Person, number: int) -> None:
    assert 'form="make-booking"' in call(olga, number, "will_come")
    assert 'form="removal"' in call(olga, number, "declined")
    assert 'form="' not in call(olga, number, "no_answer")


def test_the_history_tells_who_called_between_the_changes(
    olga: Person, raj: Person, portal: Portal, number: int, app: Flask
) -> None:
    changes = services_of(app).changes
    changes.add(portal.member_id, number, REGULAR_USER, (), ("CONTACT:1",))
    with time_machine.travel(time.time() + 60, tick=False):
        raj.open()
        call(raj, number, "no_answer")
    with time_machine.travel(time.time() + 120, tick=False):
        changes.add(portal.member_id, number, REGULAR_USER, ("CONTACT:1",), ())
    name = portal.user(REGULAR_USER).name
    history = words(olga.post(f"/records/{number}/history").text)
    assert re.search(rf"Outside the app .*{name}.* called: no answer · .*\+ ", history)


def test_a_record_that_is_gone_takes_no_call(olga: Person, portal: Portal) -> None:
    answer = call(olga, 999_999, "no_answer", 410)
    assert "no longer exists" in answer
    assert portal.requests


@pytest.mark.parametrize(
    ("result", "fields"),
    [("", {}), ("maybe", {}), ("call_back", {}), ("call_back", {"at": "25:00"})],
)
def test_a_damaged_form_is_refused(
    olga: Person, number: int, result: str, fields: dict[str, str]
) -> None:
    call(olga, number, result, 400, **fields)
    assert "called" not in words(olga.post(f"/records/{number}/history").text)


def test_another_portal_learns_of_nothing(
    olga: Person, installed_elsewhere: Cast, number: int
) -> None:
    neighbor = installed_elsewhere.administrator
    page = Page(neighbor)
    made = call(olga, number, "declined")
    assert page.news() == ""
    assert "declined" not in words(neighbor.submit("/").text)
    assert "called" not in words(neighbor.post(f"/records/{number}/history").text)
    undo(neighbor, number, made)
    assert "declined" in row_of(olga, number)


def test_users_without_crm_see_calls_and_cannot_note_any(
    olga: Person, tomas: Person, number: int
) -> None:
    call(olga, number, "will_come")
    page = tomas.post(f"/records/{number}").text
    assert "called: will come" in words(page)
    assert "/call" not in page


def test_uninstalling_deletes_the_calls(app: Flask, installed: Cast, number: int) -> None:
    call(installed.administrator, number, "declined")
    fields = portal_event(installed, "ONAPPUNINSTALL", **{"data[CLEAN]": "0"})
    lifecycle.uninstall(installed.portal, clean=False)
    assert post_event(installed, fields) == 200
    log = CallLog(services_of(app).engine, installed.portal.member_id)
    assert log.newest(number) == []


@pytest.mark.usefixtures("afternoon")
def test_a_call_back_becomes_a_to_do_with_the_main_customer(
    raj: Person, portal: Portal, number: int
) -> None:
    raj.open()
    portal.requests.clear()
    answer = call(raj, number, "call_back", at="15:00", to_do="1")
    assert MADE in answer
    assert len(portal.requests) == 2
    (to_do,) = portal.state.todos.values()
    (_, contact) = portal.clients(number)[0]
    assert to_do.owner == (3, contact)
    assert (to_do.author_id, to_do.responsible_id) == (REGULAR_USER, REGULAR_USER)
    assert (to_do.subject, to_do.description) == (
        "Call back",
        f"Waiting list, record #{number}",
    )
    deadline = datetime.fromisoformat(to_do.deadline)
    assert f"{deadline.astimezone(portal.zone):%H:%M}" == "15:00"
    assert "The to-do stays in CRM." in undo(raj, number, answer)


def test_a_form_that_is_sent_again_makes_one_to_do(
    raj: Person, portal: Portal, number: int
) -> None:
    for _ in range(3):
        assert MADE in call(raj, number, "call_back", at="15:00", to_do="1")
    assert len(portal.state.todos) == 1


def test_a_to_do_is_not_made_unasked(olga: Person, portal: Portal, number: int) -> None:
    assert MADE not in call(olga, number, "call_back", at="15:00")
    assert MADE not in call(olga, number, "no_answer", to_do="1")
    assert portal.state.todos == {}


def test_a_to_do_whose_answer_got_lost_is_found(olga: Person, portal: Portal, number: int) -> None:
    portal.faults.add("drop_after", ADD, count=1)
    assert MADE in call(olga, number, "call_back", at="15:00", to_do="1")
    assert methods_asked(portal).count(ADD) == 1
    assert len(portal.state.todos) == 1


def test_a_to_do_of_which_nothing_is_known_is_not_sent_again(
    app: Flask, olga: Person, portal: Portal, number: int
) -> None:
    fault = portal.faults.add("drop_after", ADD)
    blind = portal.faults.add("server_error", "crm.activity.list")
    assert UNKNOWN in call_back(olga, number, 502)
    assert UNKNOWN in call_back(olga, number, 502)
    portal.faults.remove(fault.id)
    portal.faults.remove(blind.id)
    let_pass(app, HORIZON + 1)
    assert MADE in call_back(olga, number)
    assert methods_asked(portal).count(ADD) == 1
    assert len(portal.state.todos) == 1


def test_a_to_do_that_never_arrived_is_sent_again_when_it_cannot_arrive_any_more(
    app: Flask, olga: Person, portal: Portal, number: int
) -> None:
    portal.faults.add("drop_before", ADD, count=1)
    assert UNKNOWN in call_back(olga, number, 502)
    answer = olga.post(f"/records/{number}/call?result=call_back", TO_DO)
    assert UNKNOWN in answer.text
    assert 0 < int(answer.headers["Retry-After"]) <= HORIZON
    assert portal.state.todos == {}
    let_pass(app, HORIZON + 1)
    assert MADE in call_back(olga, number)
    assert len(portal.state.todos) == 1


@pytest.mark.parametrize("code", ["ACCESS_DENIED", "NOT_FOUND", "OWNER_NOT_FOUND", "INTERNAL_X"])
def test_a_refused_to_do_leaves_the_call_back(
    olga: Person, portal: Portal, number: int, code: str
) -> None:
    portal.faults.add("error", ADD, code=code, count=1)
    answer = olga.post(f"/records/{number}/call?result=call_back", {"at": "15:00", "to_do": "1"})
    assert answer.status_code >= 400
    assert NONE in answer.text
    assert code not in answer.text
    assert "call back" in words(answer.text)
    assert portal.state.todos == {}
    assert MADE in call(olga, number, "call_back", at="15:00", to_do="1")


def test_a_record_without_customers_has_no_to_do(olga: Person, portal: Portal) -> None:
    empty = next(one for one in portal.records if not portal.clients(one))
    answer = call(olga, empty, "call_back", 422, at="15:00", to_do="1")
    assert "The record has no customer for the to-do." in answer
    assert portal.user(ADMINISTRATOR)
    assert portal.state.todos == {}


def test_what_is_noted_or_taken_back_is_told_though_the_database_goes_away_then(
    olga: Person, portal: Portal, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("store.pending.idempotency.AttemptStore.claim", away)
        answer = call_back(olga, number, 503)
    assert NONE in answer
    assert portal.state.todos == {}
    assert MADE in call_back(olga, number)
    monkeypatch.setattr("store.pending.idempotency.AttemptStore.is_known", away)
    assert undo(olga, number, answer) == "Undone."
    assert "call back" not in row_of(olga, number)


@pytest.mark.usefixtures("afternoon")
def test_taking_a_call_back_waits_for_no_to_do_that_is_being_made(
    app: Flask, olga: Person, portal: Portal, number: int
) -> None:
    answer = call_back(olga, number)
    attempts, due = services_of(app).attempts, round(time.time()) + 55 * 60
    word = f"to-do {number} {due}"
    assert attempts.claim(portal.member_id, olga.user_id, word, "", 0, 90)
    assert "The to-do stays in CRM." in undo(olga, number, answer)


def test_the_main_page_asks_once_for_calls(
    app: Flask, olga: Person, portal: Portal, number: int
) -> None:
    seen = {"base": customer_keys(portal, number), "customer": []}
    assert "Saved." in olga.post(f"/records/{number}/save", seen).text
    call(olga, number, "declined")
    with statements_of(services_of(app).engine) as said:
        assert "You called: declined" in words(olga.submit("/").text)
    assert sum("FROM calls" in one and "max" not in one for one in said) == 1
