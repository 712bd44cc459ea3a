"""A form that is sent again creates one record or customer, whatever was lost."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
import requests
import time_machine
from flask import Flask

from sandbox.portal import lifecycle
from sandbox.portal.colleague import link_client
from sandbox.portal.portal import Portal
from store.pending.idempotency import AttemptClaim, AttemptStore
from tests.cast import Cast, Fields, Person
from tests.web.cards.steps import deal_customers, on_records, open_card, open_deal
from tests.web.record.steps import attempt_in, named
from tests.web.steps import CHANGED, let_pass, methods_asked, portal_event, post_event, writes
from waitlist import idempotency, pending_writes
from waitlist.pending_writes import HORIZON
from web.services import services_of

ROW = re.compile(r'<li class="customer" data-key="([A-Z]+:\d+)"')
TAKE = re.compile(r'data-take="([^"]+)"')
ADD, SET = "booking.v1.waitlist.add", "booking.v1.waitlist.client.set"
SAVED = "Saved."


@dataclass(frozen=True)
class Form:
    """A form as a page has it: its user, its address and its fields."""

    person: Person
    path: str
    fields: Fields

    def send(self, **changes: str) -> str:
        response = self.person.post(self.path, {**self.fields, **changes})
        assert response.status_code == 200, response.text
        return response.text

    def undo(self, page: str) -> str:
        """Press *Undo* in an answer."""
        form = page.partition('<form id="undo"')[2].partition("</form>")[0]
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
        path = re.findall(r'action="([^"]+)"', form)
        return self.person.post(path[0], fields).text


def editor_form(raj: Person, **_: object) -> Form:
    attempt = attempt_in(raj.post("/records/new").text)
    fields = {"customer": ["CONTACT:1", "COMPANY:1"], "note": "After four", "base_note": ""}
    return Form(raj, "/records/new/save", {**fields, "attempt": attempt, "record": "new"})


def card_form(raj: Person, **_: object) -> Form:
    key = on_records(raj.portal, 0)
    attempt = attempt_in(open_card(raj, key))
    fields = {"customer": key, "note": "After four", "attempt": attempt}
    return Form(raj, "/card/create", fields)


def deal_form(raj: Person, deal: int, **_: object) -> Form:
    attempt = attempt_in(open_deal(raj, deal))
    people = deal_customers(raj.portal, deal)
    fields = {"deal": str(deal), "customer": people, "attempt": attempt, "link": "1"}
    return Form(raj, "/card/deal/put", fields)


FORMS: list[Callable[..., Form]] = [editor_form, card_form, deal_form]


@pytest.fixture(params=FORMS, ids=lambda form: form.__name__)
def form(request: pytest.FixtureRequest, raj: Person, deal: int) -> Form:
    """Each of the forms that create a record."""
    made: Form = request.param(raj, deal=deal)
    raj.portal.requests.clear()
    return made


@pytest.fixture
def draft(raj: Person) -> Form:
    """The form that creates a contact."""
    attempt = attempt_in(raj.post("/customers/new", {"q": "Anna Neu"}).text)
    fields = {"new_kind": "CONTACT", "new_name": "Anna", "new_lastName": "Neu"}
    raj.portal.requests.clear()
    return Form(raj, "/customers/create", {**fields, "new_attempt": attempt})


@pytest.fixture
def before(portal: Portal) -> set[int]:
    return set(portal.records)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for a request that is under way."""
    monkeypatch.setattr(pending_writes, "PATIENCE", 0.0)


# Records


def test_a_record_is_made_once_and_the_second_answer_is_as_good(
    form: Form, portal: Portal, before: set[int]
) -> None:
    form.send()
    (record,) = set(portal.records) - before
    clients, external = portal.clients(record), list(portal.records[record].external)
    portal.requests.clear()
    page = form.send()
    assert set(portal.records) - before == {record}
    assert SAVED in page
    assert f'name="record" value="{record}"' in page or f"/records/{record}/undo" in page
    assert writes(portal) == []
    assert (portal.clients(record), portal.records[record].external) == (clients, external)
    form.undo(page)
    assert set(portal.records) == before


def test_it_costs_no_request_to_the_portal(form: Form, portal: Portal) -> None:
    form.send()
    assert len(portal.requests) <= 3
    assert methods_asked(portal).count("booking.v1.waitlist.list") == 0


def test_the_next_form_makes_the_next_record(
    form: Form, portal: Portal, before: set[int], raj: Person
) -> None:
    page = form.send()
    if "card" not in form.path:
        page = raj.post("/records/new").text
    attempt = attempt_in(page)
    assert attempt != form.fields["attempt"]
    form.send(attempt=attempt)
    assert len(set(portal.records) - before) == 2


def test_a_word_that_others_have_used_is_no_help(
    form: Form, portal: Portal, before: set[int], installed: Cast
) -> None:
    form.send()
    olga = installed.administrator
    page = Form(olga, form.path, form.fields).send()
    assert len(set(portal.records) - before) == 2
    assert SAVED in page


def test_nor_is_one_of_another_portal(raj: Person, installed_elsewhere: Cast) -> None:
    form = editor_form(raj)
    form.send()
    elsewhere = installed_elsewhere.regular_user
    before = set(elsewhere.portal.records)
    Form(elsewhere, form.path, form.fields).send()
    assert len(set(elsewhere.portal.records) - before) == 1


@pytest.mark.parametrize(
    ("fault", "method", "options"),
    [
        ("feature_off", ADD, {"feature": "booking_waitlist"}),
        ("error", ADD, {"code": "1034"}),
        ("feature_off", SET, {"feature": "booking"}),
        ("server_error", "crm.*", {}),
    ],
)
def test_what_has_failed_for_sure_may_be_sent_again(
    raj: Person, portal: Portal, before: set[int], fault: str, method: str, options: dict[str, Any]
) -> None:
    form = editor_form(raj)
    fields = {**form.fields, "customer": ["CONTACT:2"]}
    portal.faults.add(fault, method, count=1, **options)
    services_of(raj.client.application).customers._customers.clear()
    assert raj.post(form.path, fields).status_code >= 400
    assert set(portal.records) == before
    portal.requests.clear()
    assert SAVED in raj.post(form.path, fields).text
    assert len(set(portal.records) - before) == 1
    assert "booking.v1.waitlist.list" not in methods_asked(portal)


def test_after_a_refused_customer_the_form_can_be_sent_without_it(
    raj: Person, portal: Portal, before: set[int]
) -> None:
    form = editor_form(raj)
    answer = raj.post(form.path, {**form.fields, "customer": ["CONTACT:999999"]})
    assert answer.status_code == 422
    form.send()
    assert len(set(portal.records) - before) == 1


def test_a_record_whose_number_was_lost_is_found_and_filled(
    form: Form, portal: Portal, before: set[int]
) -> None:
    portal.faults.add("drop_after", ADD, count=1)
    assert form.person.post(form.path, form.fields).status_code == 502
    (record,) = set(portal.records) - before
    page = form.send()
    assert SAVED in page
    assert set(portal.records) - before == {record}
    assert portal.clients(record)
    assert 'name="change"' in page
    form.undo(page)
    assert record not in portal.records or portal.clients(record) == []


@pytest.mark.parametrize("kind", ["ADD", "UPDATE", "DELETE"])
@pytest.mark.parametrize("number", [2**31 - 1, 1_000_000])
def test_an_event_with_any_id_does_not_hide_a_record_whose_number_was_lost(
    installed: Cast, raj: Person, portal: Portal, before: set[int], kind: str, number: int
) -> None:
    raj.open()
    forged = portal_event(installed, f"ONBOOKINGWAITLISTITEM{kind}", **{"data[ID]": str(number)})
    assert post_event(installed, forged) == 200
    form = editor_form(raj)
    portal.faults.add("drop_after", ADD, count=1)
    assert form.person.post(form.path, form.fields).status_code == 502
    assert SAVED in form.send()
    assert len(set(portal.records) - before) == 1


def test_a_read_after_a_forged_event_does_not_make_its_id_the_newest(
    app: Flask, installed: Cast, raj: Person, portal: Portal
) -> None:
    tracker = services_of(app).tracker(portal.member_id)
    raj.open()
    assert tracker.newest() == max(portal.records)
    forged = portal_event(installed, CHANGED, **{"data[ID]": str(2**31 - 1)})
    assert post_event(installed, forged) == 200
    assert raj.post("/records/news", {"until": "0"}).status_code == 200
    assert tracker.newest() == max(portal.records)


def test_an_older_record_that_looks_alike_is_not_taken_for_it(
    app: Flask, raj: Person, portal: Portal
) -> None:
    form = editor_form(raj)
    older = max(portal.records)
    portal.records[older].note = "After four"
    portal.records[older].clients = []
    before = set(portal.records)
    portal.faults.add("drop_before", ADD, count=1)
    assert raj.post(form.path, form.fields).status_code == 502
    let_pass(app, HORIZON)
    form.send()
    assert len(set(portal.records) - before) == 1
    assert portal.clients(older) == []


def test_a_record_whose_customers_got_lost_is_filled(
    app: Flask, raj: Person, portal: Portal, before: set[int]
) -> None:
    form = editor_form(raj)
    portal.faults.add("drop_before", SET, count=1)
    portal.faults.add("drop_before", "booking.v1.waitlist.client.list", count=1)
    assert raj.post(form.path, form.fields).status_code == 502
    (record,) = set(portal.records) - before
    assert portal.clients(record) == []
    let_pass(app, HORIZON)
    assert SAVED in form.send()
    assert set(portal.records) - before == {record}
    assert portal.clients(record) == [("CONTACT", 1), ("COMPANY", 1)]


def test_a_record_that_was_left_empty_is_filled(
    raj: Person, portal: Portal, before: set[int]
) -> None:
    form = editor_form(raj)
    portal.faults.add("no_client_types", SET, count=1)
    portal.faults.add("error", "booking.v1.waitlist.delete", code="1036", description="no luck")
    assert raj.post(form.path, form.fields).status_code == 409
    form.send()
    (record,) = set(portal.records) - before
    assert portal.clients(record) == [("CONTACT", 1), ("COMPANY", 1)]


def test_a_record_that_was_taken_away_without_an_answer_is_made_anew(
    raj: Person, portal: Portal, before: set[int]
) -> None:
    form = editor_form(raj)
    portal.faults.add("no_client_types", SET, count=1)
    portal.faults.add("drop_after", "booking.v1.waitlist.delete", count=1)
    assert raj.post(form.path, form.fields).status_code == 409
    assert SAVED in form.send()
    (record,) = set(portal.records) - before
    assert portal.clients(record) == [("CONTACT", 1), ("COMPANY", 1)]


def test_what_was_changed_in_the_form_meanwhile_is_saved_on_the_record(
    raj: Person, portal: Portal, before: set[int]
) -> None:
    form = editor_form(raj)
    form.send()
    (record,) = set(portal.records) - before
    fields = {**form.fields, "customer": ["CONTACT:1", "CONTACT:2"], "note": "After five"}
    page = raj.post(form.path, fields).text
    assert SAVED in page
    assert set(portal.records) - before == {record}
    assert portal.clients(record) == [("CONTACT", 1), ("CONTACT", 2)]
    assert portal.records[record].note == "After five"


def test_what_a_colleague_did_meanwhile_stays(
    raj: Person, portal: Portal, before: set[int]
) -> None:
    form = editor_form(raj)
    form.send()
    (record,) = set(portal.records) - before
    portal.records[record].note = "By a colleague"
    link_client(portal, record, "CONTACT", 3)
    page = form.send()
    assert "Both changes were kept" in page
    assert portal.clients(record) == [("CONTACT", 1), ("COMPANY", 1), ("CONTACT", 3)]
    assert portal.records[record].note == "By a colleague"
    form.undo(page)
    assert portal.clients(record) == [("CONTACT", 3)]


def test_a_record_that_a_colleague_removed_meanwhile_is_said_to_be_gone(
    raj: Person, portal: Portal, before: set[int]
) -> None:
    form = editor_form(raj)
    form.send()
    (record,) = set(portal.records) - before
    portal.state.records[record].deleted = True
    assert raj.post(form.path, form.fields).status_code == 410
    # A user who asks once more means it.
    form.send()
    assert len(set(portal.records) - before) == 1


@pytest.mark.parametrize(
    "word", ["short", "x" * 65, "<b>" * 8, "a word with spaces in it", "é" * 20]
)
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/records/new/save", "attempt"),
        ("/card/create", "attempt"),
        ("/card/deal/put", "attempt"),
        ("/customers/create", "new_attempt"),
    ],
)
def test_a_word_that_is_none_of_ours_is_refused(
    raj: Person, portal: Portal, path: str, name: str, word: str
) -> None:
    fields = {"customer": "CONTACT:1", "deal": "1", "new_name": "Anna", name: word}
    assert raj.post(path, fields).status_code == 400
    assert portal.requests == []


# Two at the same time


def test_a_form_that_comes_while_it_is_at_work_waits_for_the_answer(
    form: Form, portal: Portal, before: set[int]
) -> None:
    portal.faults.add("delay", ADD, seconds=0.5)
    with ThreadPoolExecutor(2) as pool:
        pages = list(pool.map(lambda _: form.send(), range(2)))
    assert all(SAVED in page for page in pages)
    assert len(set(portal.records) - before) == 1


@pytest.mark.usefixtures("hurried")
def test_after_a_long_wait_an_error_is_shown_and_nothing_is_made(
    app: Flask, raj: Person, portal: Portal, before: set[int]
) -> None:
    form = editor_form(raj)
    other = claim(app, form)
    answer = raj.post(form.path, form.fields)
    assert answer.status_code == 409
    assert "Your first attempt is still running." in answer.text
    assert "Nothing was saved" not in answer.text
    assert "data-retry" in answer.text
    assert set(portal.records) == before
    services_of(app).attempts.discard(other)
    form.send()
    assert len(set(portal.records) - before) == 1


def claim(app: Flask, form: Form) -> AttemptClaim:
    """Do what a worker does before it dies."""
    store: AttemptStore = services_of(app).attempts
    member_id, user_id = form.person.portal.member_id, form.person.user_id
    word = str(form.fields.get("attempt") or form.fields["new_attempt"])
    found = store.claim(member_id, user_id, word, "?", max(form.person.portal.records), 60)
    assert found is not None
    return found


@pytest.mark.usefixtures("hurried")
def test_a_dead_worker_does_not_block_its_attempt(
    app: Flask, raj: Person, portal: Portal, before: set[int]
) -> None:
    form = editor_form(raj)
    claim(app, form)
    link_client(portal, max(before), "CONTACT", 3)
    with time_machine.travel(time.time() + idempotency.LEASE + 2):
        portal.requests.clear()
        form.send()
    assert "booking.v1.waitlist.list" in methods_asked(portal)
    assert len(set(portal.records) - before) == 1


@pytest.mark.usefixtures("hurried")
def test_what_a_worker_had_finished_before_it_died_can_be_undone(
    app: Flask, raj: Person, portal: Portal, before: set[int]
) -> None:
    form = editor_form(raj)
    claim(app, form)
    record = tell(portal, ADD, {"fields": {"note": "After four"}})
    tell(portal, ADD, {"fields": {"note": "After four"}})
    clients = [
        {"id": 1, "type": {"module": "crm", "code": kind}} for kind in ("CONTACT", "COMPANY")
    ]
    tell(portal, SET, {"waitListId": record, "clients": clients})
    portal.requests.clear()
    with time_machine.travel(time.time() + idempotency.LEASE + 2):
        page = form.send()
        assert f"/records/{record}/undo" in page
        assert writes(portal) == []
        assert len(set(portal.records) - before) == 2
        form.undo(page)
    assert record not in portal.records


def tell(portal: Portal, method: str, params: dict[str, Any]) -> int:
    """Call the portal from outside the app."""
    answer = requests.post(f"{portal.webhook_url}{method}", json=params, timeout=60)
    return int(answer.json()["result"])


# Contacts and companies


def test_a_contact_is_created_once_and_comes_again(draft: Form, portal: Portal) -> None:
    (first,) = ROW.findall(draft.send())
    portal.requests.clear()
    (second,) = ROW.findall(draft.send())
    assert first == second
    assert named(portal, "Anna Neu") == [int(first.partition(":")[2])]
    assert "crm.item.add" not in methods_asked(portal)


def test_a_contact_that_was_created_anyway_is_created_once(draft: Form, portal: Portal) -> None:
    first = ROW.findall(draft.send(anyway="1"))
    assert first == ROW.findall(draft.send(anyway="1"))
    assert len(named(portal, "Anna Neu")) == 1


def test_a_form_with_another_name_meanwhile_asks(draft: Form, portal: Portal) -> None:
    (key,) = ROW.findall(draft.send())
    page = draft.send(new_name="Anne")
    assert "Your first attempt has already created this customer." in page
    assert TAKE.findall(page) == [key]
    assert named(portal, "Anne Neu") == []
    attempt = attempt_in(page)
    assert attempt != draft.fields["new_attempt"]
    draft.send(new_name="Anne", new_attempt=attempt, anyway="1")
    assert len(named(portal, "Anne Neu")) == 1


def test_a_contact_of_others_does_not_come(
    draft: Form, portal: Portal, installed: Cast, installed_elsewhere: Cast
) -> None:
    (key,) = ROW.findall(draft.send())
    (mine,) = ROW.findall(Form(installed.administrator, draft.path, draft.fields).send())
    assert mine != key
    elsewhere = installed_elsewhere.regular_user
    Form(elsewhere, draft.path, draft.fields).send()
    assert len(named(portal, "Anna Neu")) == 2
    assert len(named(elsewhere.portal, "Anna Neu")) == 1


def test_a_contact_that_was_deleted_meanwhile_is_created_again(
    app: Flask, draft: Form, portal: Portal
) -> None:
    draft.send()
    del portal.state.contacts[named(portal, "Anna Neu")[0]]
    services_of(app).customers._customers.clear()
    assert ROW.findall(draft.send())
    assert len(named(portal, "Anna Neu")) == 1


def test_a_contact_that_crm_has_refused_may_be_sent_again(draft: Form, portal: Portal) -> None:
    portal.faults.add("error", "crm.item.add", code="CRM_FIELD_ERROR_REQUIRED", count=1)
    page = draft.send()
    assert attempt_in(page) == draft.fields["new_attempt"]
    assert ROW.findall(draft.send())
    assert len(named(portal, "Anna Neu")) == 1
    assert "crm.item.list" not in [request.method for request in portal.requests]


def test_a_contact_is_created_by_one_of_two_at_the_same_time(draft: Form, portal: Portal) -> None:
    portal.faults.add("delay", "crm.item.add", seconds=0.5)
    with ThreadPoolExecutor(2) as pool:
        pages = list(pool.map(lambda _: draft.send(), range(2)))
    assert ROW.findall(pages[0]) == ROW.findall(pages[1]) != []
    assert len(named(portal, "Anna Neu")) == 1


@pytest.mark.usefixtures("hurried")
def test_a_contact_under_way_is_not_created_beside(app: Flask, draft: Form, portal: Portal) -> None:
    claim(app, draft)
    answer = draft.person.post(draft.path, draft.fields)
    assert answer.status_code == 409
    assert "data-retry" in answer.text
    assert named(portal, "Anna Neu") == []


# A portal that leaves


def test_a_portal_that_leaves_takes_its_attempts_along(
    app: Flask, raj: Person, installed: Cast
) -> None:
    form = editor_form(raj)
    form.send()
    lifecycle.uninstall(installed.portal)
    data = {
        "event": "ONAPPUNINSTALL",
        "ts": str(int(time.time())),
        "auth[member_id]": installed.portal.member_id,
        "auth[application_token]": installed.portal.application_token,
    }
    assert installed.stranger.client.post("/events", data=data).status_code == 200
    found = claim(app, form)
    assert not found.again
