"""Two users change a record at the same time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waitlist.models import CustomerRef, CustomerRefs, Kind, main_customer
from waitlist.records.edit import MergeConflict, both_notes, merge

ANNA, BORIS, CARLA, DINA = (CustomerRef(Kind.CONTACT, number) for number in range(1, 5))
ACME = CustomerRef(Kind.COMPANY, 1)

customers = st.lists(st.sampled_from([ANNA, BORIS, CARLA, DINA, ACME]), unique=True).map(tuple)


def test_my_list_is_taken_when_others_changed_nothing() -> None:
    assert merge((ANNA,), (BORIS, ANNA), (ANNA,)) == (BORIS, ANNA)


def test_their_list_is_kept_when_i_changed_nothing() -> None:
    assert merge((ANNA,), (ANNA,), (ANNA, BORIS)) == (ANNA, BORIS)


def test_two_additions_are_both_kept() -> None:
    assert merge((ANNA,), (ANNA, BORIS), (ANNA, CARLA)) == (ANNA, CARLA, BORIS)


def test_two_first_customers_are_both_kept_without_a_question() -> None:
    assert merge((), (ANNA,), (BORIS,)) == (BORIS, ANNA)


def test_an_addition_and_a_removal_are_both_kept() -> None:
    assert merge((ANNA, BORIS), (ANNA, BORIS, CARLA), (BORIS,)) == (BORIS, CARLA)


def test_a_customer_named_twice_is_kept_once() -> None:
    assert merge((), (ANNA, ANNA), ()) == (ANNA,)


def test_my_new_main_customer_survives_their_addition() -> None:
    assert merge((ANNA, BORIS), (BORIS, ANNA), (ANNA, BORIS, CARLA)) == (BORIS, ANNA, CARLA)


def test_contacts_before_companies_is_how_a_page_shows_them_and_no_change_of_mine() -> None:
    assert merge((ACME, ANNA), (ANNA, ACME), (ACME, ANNA)) == (ACME, ANNA)
    theirs = (ACME, BORIS, ANNA)
    assert merge((ACME, ANNA, BORIS), (ANNA, BORIS, ACME), theirs) == theirs


def test_contacts_before_companies_is_no_order_that_their_new_main_customer_clashes_with() -> None:
    merged = merge((ACME, ANNA, BORIS), (ANNA, BORIS, ACME, CARLA), (ACME, BORIS, ANNA))
    assert not isinstance(merged, MergeConflict)
    assert main_customer(merged) == BORIS
    assert set(merged) == {ACME, ANNA, BORIS, CARLA}


def test_my_new_main_customer_stays_the_main_one() -> None:
    merged = merge((ANNA,), (DINA, ANNA), (ANNA, CARLA))
    assert not isinstance(merged, MergeConflict)
    assert main_customer(merged) == DINA


def test_a_first_contact_beside_a_company_is_no_choice_of_a_main_customer() -> None:
    assert merge((ACME,), (ACME, ANNA), (ACME, BORIS)) == (ACME, BORIS, ANNA)


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        pytest.param((BORIS, ANNA, CARLA), (CARLA, ANNA, BORIS), id="two new main customers"),
        pytest.param((BORIS, ANNA, CARLA), (ANNA, CARLA), id="they removed my main customer"),
        pytest.param((ANNA, CARLA), (BORIS, ANNA, CARLA), id="i removed their main customer"),
        pytest.param((CARLA, ANNA, BORIS), (ANNA, CARLA, BORIS), id="two new orders"),
    ],
)
def test_changes_that_contradict_each_other_are_a_clash(
    mine: CustomerRefs, theirs: CustomerRefs
) -> None:
    clash = merge((ANNA, BORIS, CARLA), mine, theirs)
    assert isinstance(clash, MergeConflict)
    assert (clash.mine, clash.theirs) == (mine, theirs)
    assert set(clash.both) == set(mine) | set(theirs)


@pytest.mark.parametrize(
    ("theirs", "mine", "both"),
    [
        ("Allergic to latex", "Call after 5", "Allergic to latex\nCall after 5"),
        ("Old\nTheirs", "Old\nMine", "Old\nTheirs\nMine"),
        ("", "Mine", "Mine"),
        ("Theirs", "", "Theirs"),
        ("Same", "Same", "Same"),
        ("One\n\nTwo\n\nThree", "Mine", "One\n\nTwo\n\nThree\nMine"),
    ],
)
def test_of_two_notes_every_line_is_kept_once(theirs: str, mine: str, both: str) -> None:
    assert both_notes(theirs, mine) == both


@given(customers, customers, customers)
def test_merging_loses_no_customer_and_brings_none_back(
    base: CustomerRefs, mine: CustomerRefs, theirs: CustomerRefs
) -> None:
    merged = merge(base, mine, theirs)
    if isinstance(merged, MergeConflict):
        assert set(merged.both) == set(mine) | set(theirs)
        return
    removed = (set(base) - set(mine)) | (set(base) - set(theirs))
    assert set(merged) == (set(mine) | set(theirs)) - removed
    assert len(merged) == len(set(merged))


@given(customers, customers)
def test_the_same_change_by_both_is_one_change(base: CustomerRefs, mine: CustomerRefs) -> None:
    assert merge(base, mine, mine) == mine
