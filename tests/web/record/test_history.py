"""The history also shows changes made outside the app, and can undo them."""

from __future__ import annotations

import re
from html import unescape

import pytest

from sandbox.core.model import ExternalRow
from sandbox.portal.portal import Portal
from tests.cast import REGULAR_USER, Cast, Person
from tests.web.steps import (
    change_in,
    colleague_sets,
    customer_keys,
    customer_writes,
    visible_contacts,
)

ROW = re.compile(r"<li[^>]*>.*?</li>", re.DOTALL)
PUT_BACK = "Put back"
LEAVE = "Leave it as it is"
MINUS = "\N{MINUS SIGN}"


@pytest.fixture
def three(raj: Person, portal: Portal, number: int) -> list[str]:
    """The record after Raj has added two more customers."""
    base, more = customer_keys(portal, number), visible_contacts(portal, number, 2)
    saved = raj.post(f"/records/{number}/save", {"base": base, "customer": base + more})
    assert saved.status_code == 200
    portal.requests.clear()
    return base + more


def rows(person: Person, number: int) -> list[str]:
    """Return the rows of the history, newest first, without tags."""
    text = person.post(f"/records/{number}/history").text
    found = [row for row in ROW.findall(text) if 'class="lines"' in row]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in found]


def restore_fields(person: Person, number: int, row: int) -> dict[str, list[str]]:
    """Return the fields that *Restore this list* sends in this row of the history."""
    text = person.post(f"/records/{number}/history").text
    form = [one for one in ROW.findall(text) if "Restore this list" in one][row]
    return {
        name: re.findall(rf'name="{name}" value="([^"]*)"', form) for name in ("change", "seen")
    }


def name(portal: Portal, key: str) -> str:
    fields = portal.state.contacts[int(key.partition(":")[2])].fields
    return " ".join(f"{fields['name']} {fields['lastName']}".split())


@pytest.mark.usefixtures("three")
def test_changes_that_join_up_are_ours_alone(raj: Person, number: int) -> None:
    assert len(rows(raj, number)) == 1
    assert "Outside the app" not in rows(raj, number)[0]


def test_what_was_changed_since_the_last_save_is_told(
    raj: Person, portal: Portal, number: int, three: list[str]
) -> None:
    newcomer = visible_contacts(portal, number)[0]
    colleague_sets(portal, number, [*three[:2], newcomer])
    outside, ours = rows(raj, number)
    assert outside.startswith("Outside the app")
    assert f"+ {name(portal, newcomer)}" in outside
    assert f"{MINUS} {name(portal, three[2])}" in outside
    assert "Restore this list" not in outside
    assert "you" in ours
    assert "Restore this list" in ours


def test_the_first_list_of_a_record_replaced_none_to_be_restored(
    raj: Person, portal: Portal
) -> None:
    number = next(one for one in portal.records if not portal.clients(one))
    first, second = visible_contacts(portal, number, 2)
    raj.post(f"/records/{number}/save", {"customer": [first]})
    raj.post(f"/records/{number}/save", {"base": [first], "customer": [second]})
    replaced, added = rows(raj, number)
    assert "Restore this list" in replaced
    assert "Previous list" not in added
    assert "Restore this list" not in added


def test_the_list_of_long_ago_comes_back_as_it_is_shown(
    raj: Person, portal: Portal, number: int, three: list[str]
) -> None:
    more = visible_contacts(portal, number)
    raj.post(f"/records/{number}/save", {"base": three, "customer": three + more})
    answer = raj.post(f"/records/{number}/restore", restore_fields(raj, number, -1))
    assert "Saved." in answer.text
    assert "A colleague" not in answer.text
    assert customer_keys(portal, number) == three[:1]
    raj.post(f"/records/{number}/undo", {"change": change_in(answer.text)})
    assert set(customer_keys(portal, number)) == {*three, *more}


def test_a_customer_added_after_the_history_was_opened_stays(
    raj: Person, portal: Portal, number: int, three: list[str]
) -> None:
    fields = restore_fields(raj, number, -1)
    newcomer = visible_contacts(portal, number)[0]
    colleague_sets(portal, number, [*three, newcomer])
    answer = raj.post(f"/records/{number}/restore", fields)
    assert "A colleague has changed this record in the meantime." in answer.text
    assert customer_keys(portal, number) == [three[0], newcomer]


def test_a_customer_added_outside_goes_with_the_list_that_shows_it(
    raj: Person, portal: Portal, number: int, three: list[str]
) -> None:
    colleague_sets(portal, number, [*three, *visible_contacts(portal, number)])
    raj.post(f"/records/{number}/restore", restore_fields(raj, number, -1))
    assert customer_keys(portal, number) == three[:1]


@pytest.mark.parametrize("change", ["9" * 30, "-" + "9" * 30, "1e5", ""])
def test_a_change_that_no_database_counts_to_restores_nothing(
    raj: Person, number: int, change: str
) -> None:
    assert raj.post(f"/records/{number}/restore", {"change": change}).status_code == 404


def test_a_change_of_another_record_restores_nothing(
    raj: Person, portal: Portal, number: int, three: list[str]
) -> None:
    fields = restore_fields(raj, number, -1)
    other = next(one for one in portal.records if one != number)
    before = customer_keys(portal, other)
    assert raj.post(f"/records/{other}/restore", fields).status_code == 404
    assert customer_keys(portal, other) == before
    assert customer_keys(portal, number) == three


def test_what_was_changed_between_two_saves_is_told(
    raj: Person, portal: Portal, number: int, three: list[str]
) -> None:
    colleague_sets(portal, number, three[:1])
    now, more = three[:1], visible_contacts(portal, number)
    raj.post(f"/records/{number}/save", {"base": now, "customer": now + more})
    ours, outside, first = rows(raj, number)
    assert f"+ {name(portal, more[0])}" in ours
    assert outside.startswith("Outside the app")
    assert f"{MINUS} {name(portal, three[1])}" in outside
    assert f"+ {name(portal, three[2])}" in first


def test_another_order_of_the_same_people_is_no_change(
    raj: Person, portal: Portal, number: int, three: list[str]
) -> None:
    colleague_sets(portal, number, [three[0], three[2], three[1]])
    assert len(rows(raj, number)) == 1


@pytest.mark.usefixtures("three")
def test_the_history_of_a_record_that_is_gone_can_still_be_read(
    raj: Person, portal: Portal, number: int
) -> None:
    portal.records[number].deleted = True
    (row,) = rows(raj, number)
    assert "Restore this list" not in row


def test_a_record_that_was_never_changed_costs_no_request(
    raj: Person, portal: Portal, number: int
) -> None:
    assert "This record hasn't been changed" in raj.post(f"/records/{number}/history").text
    assert portal.requests == []


@pytest.mark.usefixtures("three")
def test_a_time_is_told_to_programs_and_to_people(raj: Person, number: int) -> None:
    text = raj.post(f"/records/{number}/history").text
    assert re.search(
        r'<time datetime="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ">[\d-]+ [\d:]+ UTC</time>', text
    )


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (1, "were taken off outside this app."),
        (2, "was taken off outside this app."),
    ],
)
def test_a_customer_removed_outside_the_app_is_put_back(
    raj: Person, portal: Portal, number: int, three: list[str], left: int, words: str
) -> None:
    colleague_sets(portal, number, three[:left])
    page = raj.post(f"/records/{number}").text
    assert words in page
    assert PUT_BACK in page
    change = {"change": change_in(page), "seen": three[:left]}
    saved = raj.post(f"/records/{number}/put-back", change)
    assert customer_keys(portal, number) == three
    assert "Undo" in saved.text
    assert PUT_BACK not in saved.text
    raj.post(f"/records/{number}/undo", {"change": change_in(saved.text)})
    assert customer_keys(portal, number) == three[:left]


def test_a_main_customer_that_is_put_back_is_the_main_one_again(
    raj: Person, portal: Portal, number: int, three: list[str]
) -> None:
    newcomer = visible_contacts(portal, number)[0]
    colleague_sets(portal, number, [three[2], newcomer])
    page = raj.post(f"/records/{number}").text
    raj.post(
        f"/records/{number}/put-back",
        {"change": change_in(page), "seen": [three[2], newcomer]},
    )
    assert customer_keys(portal, number) == [*three, newcomer]


def test_a_customer_added_after_the_page_was_read_stays(
    raj: Person, portal: Portal, number: int, three: list[str]
) -> None:
    colleague_sets(portal, number, three[:1])
    change = change_in(raj.post(f"/records/{number}").text)
    newcomer = visible_contacts(portal, number, 3)[-1]
    colleague_sets(portal, number, [three[0], newcomer])
    raj.post(f"/records/{number}/put-back", {"change": change, "seen": three[:1]})
    assert set(customer_keys(portal, number)) == {*three, newcomer}


def test_missing_customers_are_shown_as_soon_as_the_record_opens(
    raj: Person, portal: Portal, number: int, three: list[str]
) -> None:
    colleague_sets(portal, number, three[:1])
    page = raj.open().text
    assert f'data-record="{number}"' in page
    assert "were taken off outside this app." in page
    assert PUT_BACK in page


@pytest.mark.usefixtures("three")
def test_no_customer_is_missing_while_all_are_on_the_record(raj: Person, number: int) -> None:
    assert PUT_BACK not in raj.post(f"/records/{number}").text


def test_a_customer_removed_by_the_app_is_not_missing(
    raj: Person, number: int, three: list[str]
) -> None:
    raj.post(f"/records/{number}/save", {"base": three, "customer": three[:1]})
    assert PUT_BACK not in raj.post(f"/records/{number}").text


def test_what_has_become_of_missing_customers_costs_one_request(
    raj: Person, portal: Portal, number: int, three: list[str]
) -> None:
    colleague_sets(portal, number, three[:1])
    raj.post(f"/records/{number}")
    assert len(portal.requests) == 2


def test_a_customer_deleted_in_crm_stays_away(
    raj: Person, portal: Portal, number: int, three: list[str]
) -> None:
    colleague_sets(portal, number, three[:1])
    change = change_in(raj.post(f"/records/{number}").text)
    hidden = portal.user(REGULAR_USER).hidden_contacts
    hidden.append(int(three[1].partition(":")[2]))
    answer = raj.post(f"/records/{number}/put-back", {"change": change, "seen": three[:1]})
    assert customer_keys(portal, number) == [three[0], three[2]]
    assert "1 customer was not put back, because you don't have access to them in CRM." in unescape(
        answer.text
    )


def test_customers_that_crm_no_longer_shows_do_not_come_back(
    raj: Person, portal: Portal, number: int, three: list[str]
) -> None:
    colleague_sets(portal, number, three[:2])
    change = change_in(raj.post(f"/records/{number}").text)
    portal.user(REGULAR_USER).hidden_contacts.append(int(three[2].partition(":")[2]))
    answer = raj.post(f"/records/{number}/put-back", {"change": change, "seen": three[:2]})
    assert answer.status_code == 422
    assert "Nothing was saved" in answer.text
    assert customer_keys(portal, number) == three[:2]


def test_accepted_missing_customers_are_not_shown_again(
    raj: Person, portal: Portal, number: int, three: list[str]
) -> None:
    colleague_sets(portal, number, three[:1])
    page = raj.post(f"/records/{number}").text
    assert LEAVE in page
    fields = {"change": change_in(page), "seen": three[:1]}
    answer = raj.post(f"/records/{number}/leave", fields)
    assert answer.status_code == 200
    for text in (answer.text, raj.post(f"/records/{number}").text):
        assert PUT_BACK not in text
        assert LEAVE not in text
    assert customer_writes(portal) == []
    assert customer_keys(portal, number) == three[:1]
    newest, first = rows(raj, number)
    assert "you" in newest
    assert f"{MINUS} {name(portal, three[1])}" in newest
    assert "Outside the app" not in first
    raj.post(f"/records/{number}/restore", restore_fields(raj, number, 0))
    assert customer_keys(portal, number) == three


def test_a_customer_that_disappears_meanwhile_is_still_missing(
    raj: Person, portal: Portal, number: int, three: list[str]
) -> None:
    colleague_sets(portal, number, three[:2])
    change = change_in(raj.post(f"/records/{number}").text)
    colleague_sets(portal, number, three[:1])
    answer = raj.post(f"/records/{number}/leave", {"change": change, "seen": three[:2]})
    assert "was taken off outside this app." in answer.text
    assert change_in(answer.text) != change


def test_an_old_page_accepts_no_missing_customers(
    raj: Person, portal: Portal, number: int, three: list[str]
) -> None:
    colleague_sets(portal, number, three[:1])
    old = {"change": change_in(raj.post(f"/records/{number}").text), "seen": three[:1]}
    raj.post(f"/records/{number}/put-back", old)
    answer = raj.post(f"/records/{number}/leave", old)
    assert answer.status_code == 200
    assert len(rows(raj, number)) == 3
    assert customer_keys(portal, number) == three


def test_hidden_missing_customers_are_not_offered_to_put_back(
    raj: Person, portal: Portal, number: int, three: list[str]
) -> None:
    colleague_sets(portal, number, three[:1])
    change = change_in(raj.post(f"/records/{number}").text)
    hidden = portal.user(REGULAR_USER).hidden_contacts
    hidden += [int(key.partition(":")[2]) for key in three[1:]]
    refused = raj.post(f"/records/{number}/put-back", {"change": change, "seen": three[:1]})
    assert refused.status_code == 422
    page = raj.post(f"/records/{number}").text
    assert "were taken off outside this app." in page
    assert "You don't have access to these customers in CRM" in unescape(page)
    assert PUT_BACK not in page
    assert LEAVE in page


def test_a_change_of_another_record_puts_no_customer_back(
    raj: Person, portal: Portal, number: int, three: list[str]
) -> None:
    colleague_sets(portal, number, three[:1])
    change = change_in(raj.post(f"/records/{number}").text)
    other = next(one for one in portal.records if one != number)
    before = customer_keys(portal, other)
    answer = raj.post(f"/records/{other}/put-back", {"change": change, "seen": before})
    assert answer.status_code == 404
    assert customer_keys(portal, other) == before


def test_a_hidden_customer_comes_back_with_undo(raj: Person, portal: Portal) -> None:
    hidden = set(portal.user(REGULAR_USER).hidden_contacts)
    number = next(
        number
        for number in portal.records
        if {id for kind, id in portal.clients(number) if kind == "CONTACT"} & hidden
    )
    base = customer_keys(portal, number)
    kept = [key for key in base if int(key.partition(":")[2]) not in hidden]
    saved = raj.post(f"/records/{number}/save", {"base": base, "customer": kept})
    assert customer_keys(portal, number) == kept
    raj.post(f"/records/{number}/undo", {"change": change_in(saved.text)})
    assert set(customer_keys(portal, number)) == set(base)


@pytest.fixture
def refilled(raj: Person, portal: Portal, number: int) -> list[str]:
    """The record after a save without customers, linked to a deal and something else."""
    deal = next(n for n, one in portal.state.deals.items() if one.fields.get("contactIds"))
    portal.records[number].external = [
        ExternalRow("crm", "DEAL", str(deal)),
        ExternalRow("other", "THING", "7"),
    ]
    base, note = customer_keys(portal, number), portal.records[number].note or ""
    raj.post(f"/records/{number}/save", {"base": base, "note": note, "base_note": note})
    assert customer_keys(portal, number) == []
    answer = raj.post(f"/records/{number}/save", {"note": "Call back", "base_note": note})
    assert "To keep the record empty, unlink the deal." in answer.text
    assert "Keep them" in answer.text
    return customer_keys(portal, number)


def test_a_record_that_its_deal_filled_is_emptied_for_good(
    raj: Person, portal: Portal, number: int, refilled: list[str]
) -> None:
    assert refilled
    answer = raj.post(f"/records/{number}/unlink", {"seen": refilled})
    assert answer.status_code == 200
    assert portal.records[number].external == [ExternalRow("other", "THING", "7")]
    assert customer_keys(portal, number) == []
    note = {"note": "Still empty", "base_note": "Call back"}
    raj.post(f"/records/{number}/save", note)
    assert customer_keys(portal, number) == []


def test_keeping_them_changes_nothing(
    raj: Person, portal: Portal, number: int, refilled: list[str]
) -> None:
    portal.requests.clear()
    page = raj.post(f"/records/{number}").text
    assert "Unlink the deal" not in page
    assert customer_writes(portal) == []
    assert customer_keys(portal, number) == refilled


def test_a_deal_that_cannot_be_unlinked_stays_with_its_customers(
    raj: Person, portal: Portal, number: int, refilled: list[str]
) -> None:
    portal.faults.add("feature_off", "booking.v1.waitlist.externaldata.*")
    answer = raj.post(f"/records/{number}/unlink", {"seen": refilled})
    assert "Nothing was changed." in answer.text
    assert customer_keys(portal, number) == refilled


def test_an_unlinked_deal_whose_customers_stay_is_said_so(
    raj: Person, portal: Portal, number: int, refilled: list[str]
) -> None:
    portal.faults.add("feature_off", "booking.v1.waitlist.client.*")
    answer = raj.post(f"/records/{number}/unlink", {"seen": refilled})
    assert "The deal is unlinked, but its customers are still on the record." in answer.text
    assert customer_keys(portal, number) == refilled


def test_only_the_portals_own_people_put_back(installed: Cast, number: int) -> None:
    assert installed.stranger.post(f"/records/{number}/put-back").status_code == 401
