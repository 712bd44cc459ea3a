"""Customers are read just before they are added, and deleted ones stay away."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest

from sandbox.portal.portal import Portal
from tests.cast import Person
from tests.web.cards.steps import open_card
from tests.web.steps import change_in, customer_keys, undo_fields, visible_contacts


def delete(portal: Portal, key: str) -> None:
    kind, _, number = key.partition(":")
    del (portal.state.contacts if kind == "CONTACT" else portal.state.companies)[int(number)]


def hide(portal: Portal, key: str) -> None:
    portal.user(2).hidden_contacts.append(int(key.partition(":")[2]))


@pytest.fixture
def pair(raj: Person, portal: Portal, number: int) -> tuple[str, str]:
    """Two contacts that Raj has added to the record and removed again."""
    base = customer_keys(portal, number)
    one, other = visible_contacts(portal, number, 2)
    raj.post(f"/records/{number}/save", {"base": base, "customer": [*base, one, other]})
    return one, other


def removed(raj: Person, portal: Portal, number: int, *keys: str) -> str:
    base = customer_keys(portal, number)
    wanted = [key for key in base if key not in keys]
    return raj.post(f"/records/{number}/save", {"base": base, "customer": wanted}).text


def undo(raj: Person, number: int, page: str) -> str:
    return unescape(raj.post(f"/records/{number}/undo", undo_fields(page)).text)


def restore(raj: Person, number: int, page: str) -> str:
    seen = customer_keys(raj.portal, number)
    fields = {"change": change_in(page), "seen": seen}
    return unescape(raj.post(f"/records/{number}/restore", fields).text)


@pytest.mark.parametrize("bring_back", [undo, restore])
def test_a_deleted_customer_does_not_come_back_and_is_named(
    raj: Person,
    portal: Portal,
    number: int,
    pair: tuple[str, str],
    bring_back: Callable[[Person, int, str], str],
) -> None:
    one, other = pair
    page = removed(raj, portal, number, one, other)
    delete(portal, one)
    answer = bring_back(raj, number, page)
    assert f"Contact #{one[8:]} is no longer in CRM and was left out." in answer
    assert other in customer_keys(portal, number)
    assert one not in customer_keys(portal, number)


@pytest.mark.parametrize("bring_back", [undo, restore])
def test_where_only_deleted_ones_would_come_back_nothing_is_told_as_done(
    raj: Person,
    portal: Portal,
    number: int,
    pair: tuple[str, str],
    bring_back: Callable[[Person, int, str], str],
) -> None:
    page = removed(raj, portal, number, pair[0])
    delete(portal, pair[0])
    answer = bring_back(raj, number, page)
    assert "is no longer in CRM and was left out." in answer
    assert "Undone." not in answer
    assert "Saved." not in answer
    assert pair[0] not in customer_keys(portal, number)


@pytest.mark.parametrize("bring_back", [undo, restore])
def test_a_hidden_customer_comes_back(
    raj: Person,
    portal: Portal,
    number: int,
    pair: tuple[str, str],
    bring_back: Callable[[Person, int, str], str],
) -> None:
    page = removed(raj, portal, number, pair[0])
    hide(portal, pair[0])
    assert "no longer in CRM" not in bring_back(raj, number, page)
    assert pair[0] in customer_keys(portal, number)


def test_put_back_tells_deleted_customers_from_hidden_ones(
    raj: Person, portal: Portal, number: int, pair: tuple[str, str]
) -> None:
    one, other = pair
    history = raj.post(f"/records/{number}/history").text
    portal.records[number].clients = portal.records[number].clients[:-2]
    delete(portal, one)
    fields = {"change": change_in(history), "seen": customer_keys(portal, number)}
    answer = unescape(raj.post(f"/records/{number}/put-back", fields).text)
    assert f"Contact #{one[8:]} is no longer in CRM and was left out." in answer
    assert "you don't have access to them" not in answer
    assert customer_keys(portal, number)[-1] == other


@pytest.mark.parametrize("known", [False, True])
def test_a_deleted_customer_gets_no_new_record(
    raj: Person, portal: Portal, known: bool, number: int
) -> None:
    (key,) = visible_contacts(portal, number)
    before = set(portal.records)
    if known:
        raj.post("/customers/search", {"q": portal.state.contacts[int(key[8:])].title})
        raj.post("/customers/rows", {"picked": f"C_{key[8:]}"})
    delete(portal, key)
    answer = raj.post("/records/new/save", {"customer": ["CONTACT:1", key]})
    assert answer.status_code == 422
    assert "no longer in CRM. Nothing was saved." in unescape(answer.text)
    assert set(portal.records) == before


def test_a_deleted_customer_is_added_by_no_route(raj: Person, portal: Portal, number: int) -> None:
    (key,) = visible_contacts(portal, number)
    open_card(raj, key)
    base = customer_keys(portal, number)
    delete(portal, key)
    saved = raj.post(f"/records/{number}/save", {"base": base, "customer": [*base, key]})
    added = raj.post("/card/add", {"customer": key, "record": str(number)})
    for answer in (saved, added):
        assert answer.status_code == 422
        assert "no longer in CRM. Nothing was saved." in unescape(answer.text)
    assert customer_keys(portal, number) == base
