"""An administrator sees where the installation differs, and updates it."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from flask import Flask
from msgspec import structs

from installation.manifest import Events, Placement, read_manifest
from sandbox.core.application import PlacementHandler
from sandbox.portal.portal import Portal
from tests.cast import ADMINISTRATOR, Person
from web.services import EXTENSION, services_of

APP_URL = "http://127.0.0.1:5999"


def read_difference(person: Person) -> str:
    """Return what the page says, "" when nothing differs."""
    answer = person.post("/installation/difference")
    assert answer.status_code == (200 if answer.data else 204)
    (shown,) = re.findall(r"<p>(.*?)</p>", answer.text) or [""]
    return unescape(re.sub(r"<[^>]+>", "", shown))


def give_manifest(app: Flask, **changes: Any) -> None:
    """Let the app's own manifest have changed since the portal installed it."""
    services = services_of(app)
    manifest = structs.replace(read_manifest(), **changes)
    installer = replace(services.installer, manifest=manifest)
    app.extensions[EXTENSION] = replace(services, installer=installer)


def test_nothing_is_said_when_nothing_differs(olga: Person, portal: Portal) -> None:
    assert read_difference(olga) == ""
    assert [request.methods for request in portal.requests] == [["placement.get", "event.get"]]


def test_regular_users_are_told_nothing_and_cost_nothing(raj: Person, portal: Portal) -> None:
    portal.state.placements.clear()
    assert 'id="installation"' not in raj.open().text
    portal.requests.clear()
    assert read_difference(raj) == ""
    answer = raj.post("/installation/update")
    assert answer.status_code == 403
    assert 'role="alert"' in answer.text
    assert portal.requests == []


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("unbound tab", "Tab in companies (missing)"),
        ("unbound events", "Live updates (missing)"),
        ("strange place", "LEFT_MENU (no longer needed)"),
        ("another title", "Tab in deals (has another name)"),
        ("old address", "Links to records (has another address)"),
        ("old events", "Updates of the app (has another address)"),
    ],
)
def test_an_administrator_sees_what_differs(
    olga: Person, portal: Portal, harm: str, said: str
) -> None:
    state = portal.state
    places = {row.placement: row for row in state.placements}
    if harm == "unbound tab":
        state.placements.remove(places["CRM_COMPANY_DETAIL_TAB"])
    elif harm == "unbound events":
        kept = [row for row in state.event_handlers if not row.event.startswith("ONBOOKING")]
        state.event_handlers = kept
    elif harm == "strange place":
        state.placements.append(PlacementHandler(901, "LEFT_MENU", f"{APP_URL}/x", "X"))
    elif harm == "another title":
        places["CRM_DEAL_DETAIL_TAB"].lang_all = {"en": {"TITLE": "Deals that wait"}}
    elif harm == "old address":
        places["REST_APP_URI"].handler = "https://old.example.com/"
    else:
        for row in state.event_handlers:
            if row.event.startswith("ONAPP"):
                row.handler = "https://old.example.com/events"
    assert 'data-url="/installation/difference"' in olga.open().text
    assert read_difference(olga) == f"The installation differs: {said}"
    assert "up to date" in olga.post("/installation/update").text
    assert read_difference(olga) == ""


def test_new_placements_events_and_titles_reach_an_installed_portal(
    app: Flask, olga: Person, portal: Portal
) -> None:
    old = read_manifest()
    title = {**old.title, "de": "Wartende", "ja": "順番待ち"}
    places = [structs.replace(place, title=title) for place in old.placements]
    places.append(Placement("CRM_LEAD_DETAIL_TAB", "/card/contact", title))
    events = Events("/events", [*old.events.names, "ONCRMCONTACTDELETE"])
    give_manifest(app, placements=places, events=events)
    assert read_difference(olga) == (
        "The installation differs: CRM_LEAD_DETAIL_TAB (missing), Tab in companies (has another "
        "name), Tab in contacts (has another name), Tab in deals (has another name), "
        "Links to records (has another name), ONCRMCONTACTDELETE (missing)"
    )
    portal.requests.clear()
    assert "up to date" in olga.post("/installation/update").text
    assert len(portal.requests) == 2
    assert read_difference(olga) == ""
    bound = {row.placement: row.lang_all for row in portal.state.placements}
    assert len(bound) == len(places)
    assert all(texts["ja"]["TITLE"] == "順番待ち" for texts in bound.values())
    assert "ONCRMCONTACTDELETE" in {row.event.upper() for row in portal.state.event_handlers}


@pytest.mark.parametrize("fault", ["server_error", "demoted", "drop_after"])
def test_an_update_that_fails_is_told_and_can_be_repeated(
    olga: Person, portal: Portal, fault: str
) -> None:
    portal.state.placements.clear()
    if fault == "demoted":
        portal.user(ADMINISTRATOR).admin = False
    else:
        portal.faults.add(fault, "placement.bind", count=1)
    answer = olga.post("/installation/update")
    assert answer.status_code >= 400
    assert 'role="alert"' in answer.text
    portal.user(ADMINISTRATOR).admin = True
    assert "up to date" in olga.post("/installation/update").text
    assert read_difference(olga) == ""


def test_the_difference_gives_way_to_people(olga: Person, portal: Portal) -> None:
    portal.faults.add("QUERY_LIMIT_EXCEEDED", "placement.get")
    assert olga.post("/installation/difference").status_code == 503


def test_a_portals_codes_are_shown_as_text(olga: Person, portal: Portal) -> None:
    row = PlacementHandler(902, "<b>LEFT</b>", f"{APP_URL}/x", "X")
    portal.state.placements.append(row)
    assert "<b>" not in olga.post("/installation/difference").text
