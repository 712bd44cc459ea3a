"""Secrets are sealed and bound to their row, and their key can be changed."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from hypothesis import given, settings
from hypothesis import strategies as st

from store.vault import SealError, Vault

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@settings(deadline=None)
@given(secret=st.text(), context=st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_what_was_sealed_opens_again(secret: str, context: str) -> None:
    assert Vault([OLD]).open(Vault([OLD]).seal(secret, context), context) == secret


@pytest.mark.parametrize("context", ["portals/b/token", "", "portals/a/token\0", "portals/a"])
def test_a_sealed_value_opens_in_its_own_row_only(context: str) -> None:
    sealed = Vault([OLD]).seal("secret", "portals/a/token")
    with pytest.raises(SealError) as caught:
        Vault([OLD]).open(sealed, context)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("damaged", ["", "x", "gAAAAA", "ä"])
def test_a_damaged_value_does_not_open(damaged: str) -> None:
    with pytest.raises(SealError):
        Vault([OLD]).open(damaged, "row")
    with pytest.raises(SealError):
        Vault([OLD]).reseal(damaged)


def test_the_first_key_seals_and_all_open() -> None:
    old = Vault([OLD]).seal("secret", "row")
    both = Vault([NEW, OLD])
    assert both.open(old, "row") == "secret"
    assert Vault([NEW]).open(both.seal("secret", "row"), "row") == "secret"


def test_resealing_moves_to_the_first_key_once() -> None:
    both = Vault([NEW, OLD])
    moved = both.reseal(Vault([OLD]).seal("secret", "row"))
    assert moved is not None
    assert Vault([NEW]).open(moved, "row") == "secret"
    assert both.reseal(moved) is None


def test_sealing_a_secret_twice_gives_different_values() -> None:
    vault = Vault([OLD])
    assert vault.seal("secret", "row") != vault.seal("secret", "row")
