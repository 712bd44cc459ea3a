"""What the app stores about records: from events, from reading and from saving."""

from __future__ import annotations

import pytest
from flask import Flask

from sandbox.portal import lifecycle
from tests.cast import Cast
from tests.web.steps import portal_event, post_event, records_last_seen, records_with_events

ADD, UPDATE, DELETE = (f"ONBOOKINGWAITLISTITEM{what}" for what in ("ADD", "UPDATE", "DELETE"))


def a_waiting_customer(cast: Cast) -> tuple[int, str]:
    """A record, and one of its customers."""
    portal = cast.portal
    number = next(number for number in portal.records if portal.clients(number))
    kind, client = portal.clients(number)[0]
    return number, f"{kind}:{client}"


@pytest.mark.parametrize("name", [ADD, UPDATE, DELETE])
def test_events_of_a_portal_reach_open_pages(app: Flask, installed: Cast, name: str) -> None:
    assert post_event(installed, portal_event(installed, name, **{"data[ID]": "12"})) == 200
    assert records_with_events(app, installed) == {12}


@pytest.mark.parametrize("number", ["", "0", "-1", "12abc", "²", str(2**31), "9" * 400])
def test_an_event_without_a_record_is_ignored(app: Flask, installed: Cast, number: str) -> None:
    assert post_event(installed, portal_event(installed, UPDATE, **{"data[ID]": number})) == 200
    assert records_with_events(app, installed) == frozenset()


def test_an_event_about_something_else_is_ignored(app: Flask, installed: Cast) -> None:
    assert (
        post_event(installed, portal_event(installed, "ONBOOKINGADD", **{"data[ID]": "12"})) == 200
    )
    assert records_with_events(app, installed) == frozenset()


def test_a_forged_event_is_ignored(app: Flask, installed: Cast) -> None:
    fields = portal_event(
        installed, UPDATE, **{"data[ID]": "12", "auth[application_token]": "guessed"}
    )
    assert post_event(installed, fields) == 403
    assert records_with_events(app, installed) == frozenset()


def test_reading_the_list_stores_the_record_of_a_customer(app: Flask, installed: Cast) -> None:
    number, key = a_waiting_customer(installed)
    installed.administrator.open()
    assert number in records_last_seen(app, installed, key)


def test_a_save_is_stored_with_the_customers_of_the_record(app: Flask, installed: Cast) -> None:
    number, key = a_waiting_customer(installed)
    person = installed.administrator
    person.open()
    base = [f"{kind}:{client}" for kind, client in installed.portal.clients(number)]
    person.post(f"/records/{number}/save", {"base": base, "customer": base[1:]})
    assert records_with_events(app, installed) == {number}
    assert number not in records_last_seen(app, installed, key)


def test_uninstalling_deletes_all_of_it(app: Flask, installed: Cast) -> None:
    number, key = a_waiting_customer(installed)
    installed.administrator.open()
    post_event(installed, portal_event(installed, UPDATE, **{"data[ID]": str(number)}))
    lifecycle.uninstall(installed.portal)
    post_event(installed, portal_event(installed, "ONAPPUNINSTALL"))
    assert records_with_events(app, installed) == frozenset()
    assert records_last_seen(app, installed, key) == []
