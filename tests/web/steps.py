"""Steps that tests of the routes share."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from html import unescape
from typing import Any

import requests
from flask import Flask
from sqlalchemy import Engine, event, update

from bitrix24.bucket import BURST
from bitrix24.limits import Limits
from sandbox import Sandbox
from sandbox.portal.colleague import link_client
from sandbox.portal.portal import Portal
from store import schema
from tests.cast import REGULAR_USER, Cast, Person
from waitlist.customers.cache import CustomerCache
from web.services import EXTENSION, services_of

CHANGE = re.compile(r'name="change" value="(\d+)"')

SENT = re.compile(r'name="(record|change|note|seen_note|made|linked)" value="([^"]*)"')


Spoil = Callable[[str, Callable[[Any], Any]], None]
"""A fixture that changes what a portal answers to a method, before the app reads it."""


@contextmanager
def statements_of(engine: Engine) -> Iterator[list[str]]:
    """Note what the database is asked meanwhile."""
    said = list[str]()

    def note(*arguments: object) -> None:
        said.append(str(arguments[2]))

    event.listen(engine, "before_cursor_execute", note)
    yield said
    event.remove(engine, "before_cursor_execute", note)


def forget_customers(app: Flask) -> None:
    """Empty the cache of customers, as after a restart or in another worker."""
    app.extensions[EXTENSION] = replace(services_of(app), customers=CustomerCache())


def customer_keys(portal: Portal, number: int) -> list[str]:
    return [f"{kind}:{id}" for kind, id in portal.clients(number)]


def visible_contacts(portal: Portal, number: int, count: int = 1) -> list[str]:
    """Return contacts that Raj may see and that are not on the record."""
    hidden = portal.user(REGULAR_USER).hidden_contacts
    here = {id for kind, id in portal.clients(number) if kind == "CONTACT"}
    ids = (id for id in portal.state.contacts if id not in here | set(hidden))
    return [f"CONTACT:{next(ids)}" for _ in range(count)]


def customer_writes(portal: Portal) -> list[str]:
    return [
        method
        for request in portal.requests
        for method in request.methods
        if method.endswith((".set", ".unset"))
    ]


def change_in(text: str) -> str:
    found = CHANGE.search(text)
    assert found
    return found.group(1)


def undo_fields(text: str) -> dict[str, str]:
    """Return the fields that the page's *Undo* sends."""
    form = text.partition('<form id="undo"')[2].partition("</form>")[0]
    return {name: unescape(value) for name, value in SENT.findall(form)}


def colleague_sets(portal: Portal, number: int, customers: list[str]) -> None:
    """Save these customers as another user, outside the app."""
    clients = [
        {"id": int(key.partition(":")[2]), "type": {"module": "crm", "code": key.partition(":")[0]}}
        for key in customers
    ]
    answer = requests.post(
        f"{portal.webhook_url}booking.v1.waitlist.client.set",
        json={"waitListId": number, "clients": clients},
        timeout=60,
    )
    assert answer.json()["result"] is True
    portal.requests.clear()


def writes(portal: Portal) -> list[str]:
    return [
        method
        for request in portal.requests
        for method in request.methods
        if method.endswith((".set", ".unset", ".add", ".delete", ".update"))
    ]


CHANGED = "ONBOOKINGWAITLISTITEMUPDATE"

UNTIL = re.compile(r'id="live-updates"[^>]*data-until="(\d+)"')


def until_in(page: str) -> str:
    return str(UNTIL.findall(page)[0])


def portal_event(cast: Cast, name: str, **changes: str) -> dict[str, str]:
    return {
        "event": name,
        "ts": str(int(time.time())),
        "auth[domain]": cast.portal.domain,
        "auth[member_id]": cast.portal.member_id,
        "auth[application_token]": cast.portal.application_token,
        **changes,
    }


def forged_uninstall(person: Person) -> dict[str, str]:
    """Return an event that any user can post with the contents of their launch."""
    launch = person.launch().body
    return {
        "event": "ONAPPUNINSTALL",
        "auth[member_id]": launch["member_id"],
        "auth[application_token]": launch["APPLICATION_TOKEN"],
        "data[CLEAN]": "1",
    }


def post_event(cast: Cast, fields: Mapping[str, str]) -> int:
    return cast.stranger.client.post("/events", data=fields).status_code


def records_with_events(app: Flask, cast: Cast) -> frozenset[int]:
    news = services_of(app).tracker(cast.portal.member_id).changed_since(0, 1000)
    return news.records | news.unsure | news.gone


def records_last_seen(app: Flask, cast: Cast, key: str) -> list[int]:
    return services_of(app).last_seen.records_of(cast.portal.member_id, key)


def days_waited(portal: Portal, number: int) -> int:
    today = datetime.fromtimestamp(portal.hub.clock.now(), portal.zone).date()
    made = datetime.fromisoformat(portal.records[number].created).astimezone(portal.zone).date()
    return (today - made).days


def methods_asked(portal: Portal) -> list[str]:
    """Return the methods of all requests to the portal, those inside batches too."""
    return [method for request in portal.requests for method in request.methods]


def a_record(portal: Portal) -> int:
    """A record with a customer that every user may see, and without contact 30."""
    return next(
        n for n in portal.records if portal.clients(n) and ("CONTACT", 30) not in portal.clients(n)
    )


def colleague_adds(installed: Cast, portal: Portal, number: int) -> None:
    link_client(portal, number, "CONTACT", 30)
    assert (
        post_event(installed, portal_event(installed, CHANGED, **{"data[ID]": str(number)})) == 200
    )


def count_requests(app: Flask, sandbox: Sandbox) -> Limits:
    """Let the app count its requests and wait by the sandbox's clock. Returns its limits."""
    services = services_of(app)
    folder = services.settings.log_dir / "busy"
    limits = Limits(folder, clock=sandbox.clock.now, sleep=sandbox.advance)
    app.extensions[EXTENSION] = replace(services, limits=limits)
    return limits


def use_up_half(app: Flask, sandbox: Sandbox, portal: Portal) -> None:
    """Use up half of the requests that a portal allows at once: the rest is for users."""
    limits = count_requests(app, sandbox)
    for _ in range(BURST // 2):
        limits.bucket.reserve(portal.domain, 0)


def let_pass(app: Flask, seconds: float) -> None:
    """Let what portals were asked for be so many seconds older."""
    with services_of(app).engine.begin() as connection:
        for table in (schema.writes, schema.attempts):
            older = {
                "asked_at": table.c.asked_at - int(seconds),
                "asked_tick": table.c.asked_tick - int(seconds),
            }
            connection.execute(update(table).where(table.c.asked_at > 0).values(older))
