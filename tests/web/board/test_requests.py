"""How many HTTP requests to the portal the main page and a search cost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from sandbox import Sandbox
from tests.cast import Cast
from waitlist.customers.cache import CustomerCache
from waitlist.sources.quirks import Quirks
from web.services import EXTENSION, services_of

NEWCOMER = 4
"""A user of the sandbox who has not opened the app yet."""


def opened(cast: Cast) -> list[str]:
    """Return the requests to the portal from a launch to the whole main page."""
    cast.portal.requests.clear()
    page = cast.regular_user.open()
    assert page.text.count('role="option"') == len(cast.portal.records)
    return [request.method for request in cast.portal.requests]


@pytest.mark.parametrize(
    "most",
    [
        pytest.param(3, marks=pytest.mark.records(1), id="1 record"),
        pytest.param(3, marks=pytest.mark.records(49), id="49 records"),
        pytest.param(3, marks=pytest.mark.records(50), id="50 records"),
        pytest.param(4, marks=pytest.mark.records(51), id="51 records"),
        pytest.param(5, id="137 records"),
        pytest.param(25, marks=pytest.mark.records(1000), id="1,000 records"),
    ],
)
def test_the_main_page_needs_few_requests_for_the_whole_list(installed: Cast, most: int) -> None:
    # What another user saw before must not save requests for this user.
    installed.portal.requests.clear()
    cast = replace(installed, regular_user=replace(installed.regular_user, user_id=NEWCOMER))
    assert len(opened(cast)) <= most


@pytest.fixture
def forgetful(app: Flask) -> None:
    """The app has been restarted."""
    fresh = replace(services_of(app), quirks=Quirks(), customers=CustomerCache())
    app.extensions[EXTENSION] = fresh


@pytest.mark.records(1000)
@pytest.mark.usefixtures("forgetful")
def test_a_long_list_comes_from_the_mirror(installed: Cast) -> None:
    assert len(opened(installed)) <= 6
    assert len(opened(installed)) <= 6


@pytest.mark.records(1000)
@pytest.mark.usefixtures("forgetful")
def test_a_wrong_mirror_costs_no_more_requests_than_none(installed: Cast, sandbox: Sandbox) -> None:
    sandbox.switches.mirror = "false"
    assert len(opened(installed)) <= 25
    assert len(opened(installed)) <= 25


@pytest.mark.records(250)
@pytest.mark.usefixtures("forgetful")
def test_the_shortest_list_with_a_mirror_costs_no_more_than_one_without(
    installed: Cast,
) -> None:
    assert len(opened(installed)) <= 5


@pytest.mark.records(49)
def test_names_are_read_once_for_the_same_user(installed: Cast) -> None:
    assert len(opened(installed)) == 2
    newcomer = replace(installed.regular_user, user_id=NEWCOMER)
    assert len(opened(replace(installed, regular_user=newcomer))) == 3


@pytest.mark.parametrize("query", ["anna", "anna schmidt", "0147", "+1 555 01", "a@example.com"])
def test_a_search_is_one_request(installed: Cast, query: str) -> None:
    assert installed.regular_user.post("/customers/search", {"q": query}).status_code == 200
    assert len(installed.portal.requests) == 1


@pytest.mark.parametrize("query", ["", "a", " ", "%", "$", "12"])
def test_a_search_for_too_little_asks_no_portal(installed: Cast, query: str) -> None:
    assert installed.regular_user.post("/customers/search", {"q": query}).status_code == 200
    assert len(installed.portal.requests) <= 1
