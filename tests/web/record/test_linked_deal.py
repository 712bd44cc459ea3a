"""The editor shows the deal that a record is linked to, opens it and unlinks it."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy.exc import OperationalError

from sandbox.core.model import ExternalRow
from sandbox.portal.portal import Portal
from tests.cast import REGULAR_USER, Person
from tests.web.cards.steps import linked_deal, linked_to
from tests.web.steps import colleague_sets, customer_keys, methods_asked, visible_contacts, writes

DEAL = re.compile(r'<form class="sub deal".*?</form>', re.DOTALL)


@pytest.fixture
def linked(portal: Portal) -> tuple[int, int]:
    """A record and the deal that it is linked to."""
    deal = linked_deal(portal)
    return linked_to(portal, deal)[0], deal


def deals_in(text: str) -> list[str]:
    found = [unescape(re.sub(r"<[^>]+>", " ", one)) for one in DEAL.findall(text)]
    return [" ".join(one.split()) for one in found]


def title_of(portal: Portal, deal: int) -> str:
    return portal.state.deals[deal].title


def test_the_deal_comes_with_the_record_in_one_request(
    raj: Person, portal: Portal, linked: tuple[int, int]
) -> None:
    number, deal = linked
    raj.post(f"/records/{number}")
    portal.requests.clear()
    text = raj.post(f"/records/{number}").text
    assert deals_in(text) == [f"Deal: {title_of(portal, deal)} Unlink"]
    assert f'data-path="/crm/deal/details/{deal}/"' in text
    assert len(portal.requests) == 1


def test_a_record_without_a_deal_shows_none(raj: Person, portal: Portal, number: int) -> None:
    portal.records[number].external = []
    assert deals_in(raj.post(f"/records/{number}").text) == []


@pytest.mark.parametrize("value", ["15x", "", "0", "CONTACT"])
def test_a_link_that_names_no_deal_shows_none(
    raj: Person, portal: Portal, number: int, value: str
) -> None:
    portal.records[number].external = [ExternalRow("crm", "DEAL", value)]
    assert deals_in(raj.post(f"/records/{number}").text) == []


def test_a_link_to_something_else_is_no_deal(
    raj: Person, portal: Portal, linked: tuple[int, int]
) -> None:
    number, deal = linked
    portal.records[number].external = [ExternalRow("tasks", "TASK", str(deal))]
    assert deals_in(raj.post(f"/records/{number}").text) == []


def test_a_deal_that_crm_does_not_show_is_told_by_its_number(
    raj: Person, portal: Portal, linked: tuple[int, int]
) -> None:
    number, deal = linked
    portal.user(REGULAR_USER).hidden_deals = [deal]
    assert deals_in(raj.post(f"/records/{number}").text) == [f"Deal: Deal #{deal} Unlink"]


def test_two_deals_are_both_shown(raj: Person, portal: Portal, linked: tuple[int, int]) -> None:
    number, deal = linked
    other = next(one for one in portal.state.deals if one != deal)
    portal.records[number].external.append(ExternalRow("crm", "DEAL", str(other)))
    shown = deals_in(raj.post(f"/records/{number}").text)
    assert shown == [f"Deal: {title_of(portal, deal)} Unlink", f"Deal: Deal #{other} Unlink"]


def test_unlinking_keeps_the_customers_and_other_links(
    raj: Person, portal: Portal, linked: tuple[int, int]
) -> None:
    number, deal = linked
    other = ExternalRow("tasks", "TASK", "7")
    portal.records[number].external.append(other)
    before = customer_keys(portal, number)
    answer = raj.post(f"/records/{number}/unlink-deal", {"deal": str(deal)})
    assert "The deal is unlinked." in answer.text
    assert deals_in(answer.text) == []
    assert portal.records[number].external == [other]
    assert customer_keys(portal, number) == before


def links_of(portal: Portal, number: int) -> list[str]:
    return sorted(map(str, portal.records[number].external))


UNDO = re.compile(r'<form id="undo" method="post" action="([^"]+)">(.*?)</form>', re.DOTALL)


def undo(person: Person, text: str) -> str:
    """Send the form of *Undo* or *Redo*."""
    ((path, inside),) = UNDO.findall(text)
    answer = person.post(path, dict(re.findall(r'name="(\w+)" value="([^"]*)"', inside)))
    assert answer.status_code == 200
    return answer.text


def test_unlinking_is_undone_and_redone(
    raj: Person, portal: Portal, linked: tuple[int, int]
) -> None:
    number, deal = linked
    colleague_sets(portal, number, visible_contacts(portal, number))
    portal.records[number].external.append(ExternalRow("tasks", "TASK", "7"))
    before, keys = links_of(portal, number), customer_keys(portal, number)
    text = raj.post(f"/records/{number}/unlink-deal", {"deal": str(deal)}).text
    for done, words, offered in ((True, "Undone.", "Redo"), (False, "is unlinked.", "Undo")):
        text = undo(raj, text)
        assert (len(deals_in(text)) == 1) == done
        assert words in text
        assert f">{offered}</button>" in text
        assert (links_of(portal, number) == before) == done
    assert customer_keys(portal, number) == keys


def test_undoing_it_twice_links_it_once(
    raj: Person, portal: Portal, linked: tuple[int, int]
) -> None:
    number, deal = linked
    colleague_sets(portal, number, visible_contacts(portal, number))
    before = list(portal.records[number].external)
    text = raj.post(f"/records/{number}/unlink-deal", {"deal": str(deal)}).text
    undo(raj, text)
    undo(raj, text)
    assert portal.records[number].external == before


def test_an_empty_record_is_not_filled_from_its_deal_again(
    raj: Person, portal: Portal, linked: tuple[int, int]
) -> None:
    """A colleague may have emptied it meanwhile: what the portal does then is told."""
    number, deal = linked
    path, fields = f"/records/{number}/unlink-deal", {"deal": str(deal)}
    colleague_sets(portal, number, visible_contacts(portal, number))
    text = raj.post(path, fields).text
    colleague_sets(portal, number, [])
    assert customer_keys(portal, number) == []
    assert "added the deal's customers again" in unescape(undo(raj, text))
    portal.records[number].external = []
    colleague_sets(portal, number, [])
    portal.records[number].external = [ExternalRow("crm", "DEAL", str(deal))]
    assert UNDO.findall(raj.post(path, fields).text) == []


def test_a_deal_that_crm_does_not_show_is_not_linked_again(
    raj: Person, portal: Portal, linked: tuple[int, int]
) -> None:
    number, deal = linked
    portal.user(REGULAR_USER).hidden_deals = [deal]
    answer = raj.post(f"/records/{number}/unlink-deal", {"deal": str(deal)})
    assert "The deal is unlinked." in answer.text
    assert UNDO.findall(answer.text) == []
    for one in (deal, 999999, 0):
        refused = raj.post(f"/records/{number}/link-deal", {"deal": str(one)})
        assert refused.status_code == 403
    assert portal.records[number].external == []


@pytest.mark.parametrize("deal", ["", "0", "999999", "x"])
def test_unlinking_another_deal_changes_nothing(
    raj: Person, portal: Portal, linked: tuple[int, int], deal: str
) -> None:
    number, _ = linked
    portal.requests.clear()
    answer = raj.post(f"/records/{number}/unlink-deal", {"deal": deal})
    assert answer.status_code == 200
    assert writes(portal) == []
    assert len(deals_in(answer.text)) == 1


def test_a_user_without_crm_unlinks_nothing(
    tomas: Person, portal: Portal, linked: tuple[int, int]
) -> None:
    number, deal = linked
    shown = deals_in(tomas.post(f"/records/{number}").text)
    assert shown == [f"Deal: Deal #{deal}"]
    for way in ("unlink-deal", "link-deal"):
        assert tomas.post(f"/records/{number}/{way}", {"deal": str(deal)}).status_code == 403
    assert portal.records[number].external
    assert writes(portal) == []


def test_the_deal_stays_after_saving(raj: Person, portal: Portal, linked: tuple[int, int]) -> None:
    number, deal = linked
    base = customer_keys(portal, number)
    fields = {"base": base, "customer": base + visible_contacts(portal, number)}
    text = raj.post(f"/records/{number}/save", fields).text
    assert deals_in(text) == [f"Deal: {title_of(portal, deal)} Unlink"]


def test_the_record_that_was_changed_last_opens_with_its_deal(
    raj: Person, portal: Portal, linked: tuple[int, int], number: int
) -> None:
    linked_number, deal = linked
    for one in (number, linked_number):
        base = customer_keys(portal, one)
        fields = {"base": base, "customer": base + visible_contacts(portal, one)}
        assert raj.post(f"/records/{one}/save", fields).status_code == 200
        portal.requests.clear()
        shown = deals_in(raj.open().text)
        if one == linked_number:
            assert shown == [f"Deal: {title_of(portal, deal)} Unlink"]
        else:
            assert shown == []
            assert "booking.v1.waitlist.externaldata.list" not in methods_asked(portal)


def test_an_unlinked_deal_is_told_though_the_database_goes_away_then(
    raj: Person, portal: Portal, linked: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    number, deal = linked

    def away(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("away"))

    monkeypatch.setattr("waitlist.sources.history.History.latest", away)
    answer = raj.post(f"/records/{number}/unlink-deal", {"deal": str(deal)})
    assert "The deal is unlinked." in answer.text
    assert portal.records[number].external == []
