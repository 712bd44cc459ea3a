"""A save that was carried out is told as saved, whatever our database does."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from sandbox.portal.portal import Portal
from store.pending.deferred import Deferred
from store.pending.writes import LEASE_SECONDS, Kind
from tests.cast import Person
from tests.web.steps import (
    colleague_sets,
    customer_keys,
    let_pass,
    undo_fields,
    visible_contacts,
)
from web.services import services_of

AWAY = "The app can't reach its database."
LATER = "The history follows later, so this can't be undone here."


@pytest.fixture
def impatient(app: Flask) -> None:
    """Wait for a locked database for a moment only."""

    def hurry(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA busy_timeout = 20")

    event.listen(services_of(app).engine, "checkout", hurry)


@contextmanager
def locked(app: Flask) -> Iterator[None]:
    """Hold the write lock as another process does."""
    other = sqlite3.connect(str(services_of(app).engine.url.database))
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


def patch_after(monkeypatch: pytest.MonkeyPatch, name: str, then: Callable[[], None]) -> None:
    """Let something happen after the portal has been asked."""
    module, _, function = name.rpartition(".")
    real = getattr(__import__(module, fromlist=[function]), function)

    def asked(*args: Any, **kwargs: Any) -> Any:
        try:
            return real(*args, **kwargs)
        finally:
            then()

    monkeypatch.setattr(name, asked)


def wake(app: Flask) -> None:
    """Let the time pass for which a failed database is left alone."""
    services_of(app).deferred._not_before = 0.0


@pytest.mark.usefixtures("impatient")
def test_a_database_that_is_locked_before_the_portal_is_asked_stops_the_save(
    app: Flask, raj: Person, portal: Portal, number: int
) -> None:
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    fields = {"base": base, "customer": base + new}
    with locked(app):
        answer = raj.post(f"/records/{number}/save", fields)
        created = raj.post("/records/new/save", {"customer": new})
        removal = raj.post(f"/records/{number}/remove", {"seen": base})
    assert [one.status_code for one in (answer, created, removal)] == [503] * 3
    assert f"{AWAY} Nothing was saved." in unescape(answer.text)
    assert f"{AWAY} Nothing was saved." in unescape(created.text)
    assert f"{AWAY} Nothing was changed." in unescape(removal.text)
    assert customer_keys(portal, number) == base
    assert "Saved." in raj.post(f"/records/{number}/save", fields).text


@pytest.mark.usefixtures("impatient")
def test_a_save_is_told_as_saved_when_the_database_is_locked_meanwhile(
    app: Flask, raj: Person, portal: Portal, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    fields = {"base": base, "customer": base + new}
    lock = locked(app)
    patch_after(monkeypatch, "waitlist.records.save.write_customers", lock.__enter__)
    answer = raj.post(f"/records/{number}/save", fields)
    assert answer.status_code == 200
    assert f"Saved. {LATER}" in unescape(answer.text)
    assert customer_keys(portal, number) == base + new
    lock.__exit__(None, None, None)
    monkeypatch.undo()
    wake(app)
    history = raj.post(f"/records/{number}/history").text
    assert "Restore this list" in history
    assert "not known yet" not in history
    assert len(services_of(app).deferred) == 0


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("form", ["editor", "tab"])
def test_a_new_record_is_told_as_saved_when_the_database_is_locked_meanwhile(
    app: Flask, raj: Person, portal: Portal, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    before = set(portal.records)
    lock = locked(app)
    patch_after(monkeypatch, "waitlist.records.save.write_customers", lock.__enter__)
    path = "/records/new/save" if form == "editor" else "/card/create"
    fields = {"customer": "CONTACT:1", "note": "Soon", "attempt": "a-random-word-in-it"}
    answer = raj.post(path, fields)
    lock.__exit__(None, None, None)
    monkeypatch.undo()
    assert f"Saved. {LATER}" in unescape(answer.text)
    wake(app)
    assert "Saved." in raj.post(path, fields).text
    (number,) = set(portal.records) - before
    assert customer_keys(portal, number) == ["CONTACT:1"]


@pytest.mark.parametrize(
    "method",
    [
        "store.pending.writes.WriteStore.close",
        "store.last_seen.LastSeenStore.save",
        "store.record_events.RecordEventStore.add",
    ],
)
def test_a_full_disk_never_turns_a_done_save_into_an_error(
    raj: Person,
    portal: Portal,
    number: int,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
) -> None:
    base, new = customer_keys(portal, number), visible_contacts(portal, number)

    def full(*_: object, **__: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    monkeypatch.setattr(method, full)
    answer = raj.post(f"/records/{number}/save", {"base": base, "customer": base + new})
    assert answer.status_code == 200
    assert "Saved." in answer.text
    assert customer_keys(portal, number) == base + new


def test_the_history_has_a_save_whose_worker_was_killed(
    app: Flask, raj: Person, portal: Portal, number: int
) -> None:
    """Do what a worker does until it is killed between the write and its note."""
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    writes = services_of(app).writes
    write = writes.claim(portal.member_id, number, raj.user_id)
    assert write is not None
    assert writes.save_intent(write, Kind.CUSTOMERS, tuple(base), tuple(base + new))
    colleague_sets(portal, number, base + new)
    let_pass(app, LEASE_SECONDS)
    history = raj.post(f"/records/{number}/history").text
    assert "Restore this list" in history
    assert "you" in history
    (change,) = services_of(app).changes.newest(portal.member_id, number)
    raj.post(f"/records/{number}/undo", {"change": str(change.id)})
    assert customer_keys(portal, number) == base


def test_a_worker_that_was_killed_before_it_asked_blocks_no_one_for_long(
    app: Flask, raj: Person, portal: Portal, number: int
) -> None:
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    assert services_of(app).writes.claim(portal.member_id, number, 1) is not None
    let_pass(app, 30)
    fields = {"base": base, "customer": base + new}
    assert "Saved." in raj.post(f"/records/{number}/save", fields).text


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/records/{}/save", "We can't tell whether your changes were saved."),
        ("/records/{}/undo", "We can't tell whether it was done."),
        ("/card/add", "We can't tell whether it was done."),
    ],
)
def test_a_mistake_of_ours_says_what_has_become_of_the_change(
    raj: Person, portal: Portal, number: int, monkeypatch: pytest.MonkeyPatch, path: str, told: str
) -> None:
    base, new = customer_keys(portal, number), visible_contacts(portal, number)
    saved = raj.post(f"/records/{number}/save", {"base": base, "customer": base + new}).text
    broken = "waitlist.sources.tracker.RecordTracker.note_saved"
    monkeypatch.setattr(broken, lambda *_: 1 / 0)
    key = visible_contacts(portal, number)[0]
    fields = {"base": base + new, "customer": base, **undo_fields(saved), "record": str(number)}
    if path == "/card/add":
        fields["customer"] = key
    answer = raj.post(path.format(number), fields)
    assert answer.status_code == 500
    assert told in unescape(answer.text)


def test_what_waits_is_stored_in_its_order() -> None:
    stored: list[int] = []
    down = [True]

    def job(number: int) -> Callable[[], int]:
        def run() -> int:
            if down[0]:
                raise OperationalError("INSERT", {}, Exception("locked"))
            stored.append(number)
            return number

        return run

    now = [0.0]
    deferred = Deferred(clock=lambda: now[0])
    assert [deferred.run(job(number)) for number in range(3)] == [None] * 3
    down[0] = False
    assert deferred.run(job(3)) is None
    assert len(deferred) == 4
    now[0] = 10
    assert deferred.run(job(4)) == 4
    assert stored == [0, 1, 2, 3, 4]
