"""The portals that the app knows, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import time_machine
from cryptography.fernet import Fernet
from sqlalchemy import Engine, select, update

from store.engine import InstallationEnded
from store.portals import PortalStore, Status
from store.schema import portals as table
from store.vault import Vault
from tests.contract.steps import ELSEWHERE, HERE


def test_a_portal_is_found_as_it_was_saved(portals: PortalStore) -> None:
    found = portals.find(HERE.member_id)
    assert found is not None
    assert replace(found, installation="") == HERE
    assert len(found.installation) == 32


def test_an_unknown_portal_is_not_found(portals: PortalStore) -> None:
    assert portals.find("nobody") is None


def test_only_another_address_is_stored_again(portals: PortalStore) -> None:
    before = portals.find(HERE.member_id)
    assert before is not None
    assert portals.open(HERE.member_id, HERE.client_endpoint) == before
    moved = portals.open(HERE.member_id, "https://moved.example/rest/")
    assert moved == replace(before, client_endpoint="https://moved.example/rest/")
    assert portals.find(HERE.member_id) == moved


def test_another_installation_begins_anew(portals: PortalStore) -> None:
    before = portals.find(HERE.member_id)
    assert before is not None
    portals.uninstall(HERE.member_id)
    gone = portals.find(HERE.member_id)
    after = portals.open(HERE.member_id, HERE.client_endpoint, gone)
    assert (after.status, after.installed_by, after.application_token) == (Status.OPENED, 0, "")
    assert after.installation != before.installation


@pytest.mark.parametrize("again", [False, True])
def test_what_belongs_to_an_earlier_installation_is_not_written(
    portals: PortalStore, again: bool
) -> None:
    old = portals.find(HERE.member_id)
    assert old is not None
    portals.uninstall(HERE.member_id)
    if again:
        portals.open(HERE.member_id, HERE.client_endpoint, portals.find(HERE.member_id))
    now = portals.find(HERE.member_id)
    assert not portals.save_application_token(old, "old")
    assert not portals.begin_install(old, 7, "old")
    assert not portals.finish_install(old)
    assert portals.find(HERE.member_id) == now


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("again", [False, True])
def test_a_launch_that_an_uninstall_overtakes_begins_nothing(
    portals: PortalStore, known: bool, again: bool
) -> None:
    before = portals.find(HERE.member_id) if known else None
    portals.uninstall(HERE.member_id)
    if again:
        portals.open(HERE.member_id, HERE.client_endpoint, portals.find(HERE.member_id))
    now = portals.find(HERE.member_id)
    if known or not again:
        with pytest.raises(InstallationEnded):
            portals.open(HERE.member_id, HERE.client_endpoint, before)
        with pytest.raises(InstallationEnded):
            portals.open(HERE.member_id, "https://moved.example/rest/", before)
    assert portals.find(HERE.member_id) == now


def test_each_write_leaves_the_other_columns_alone(portals: PortalStore) -> None:
    seen = portals.open(ELSEWHERE.member_id, ELSEWHERE.client_endpoint)
    assert portals.save_application_token(seen, "learned meanwhile")
    portals.open(ELSEWHERE.member_id, "https://moved.example/rest/")
    assert portals.begin_install(seen, 7, "")
    assert portals.finish_install(seen)
    after = portals.find(ELSEWHERE.member_id)
    assert after == replace(
        seen,
        client_endpoint="https://moved.example/rest/",
        application_token="learned meanwhile",
        installed_by=7,
        status=Status.INSTALLED,
    )


def test_a_portal_is_found_by_its_host_while_the_app_is_installed(portals: PortalStore) -> None:
    found = portals.find_by_domain("here.example")
    assert found is not None
    assert found.member_id == HERE.member_id
    assert portals.find_by_domain("elsewhere.example") is None
    assert portals.find_by_domain("here.example/rest/?") is None
    portals.uninstall(HERE.member_id)
    assert portals.find_by_domain("here.example") is None


def test_a_reused_host_name_finds_the_portal_that_has_it_now(
    portals: PortalStore,
) -> None:
    for last, first in ((HERE, ELSEWHERE), (ELSEWHERE, HERE)):
        for days, portal in enumerate((first, last)):
            with time_machine.travel(datetime(2026, 11, 1 + days, tzinfo=UTC)):
                named = portals.open(portal.member_id, "https://name.example/rest/")
                portals.finish_install(named)
        found = portals.find_by_domain("name.example")
        assert found is not None
        assert found.member_id == last.member_id


def test_the_application_token_is_sealed(portals: PortalStore, engine: Engine) -> None:
    assert portals.find(HERE.member_id) is not None
    with engine.begin() as connection:
        stored = connection.execute(
            select(table.c.application_token).where(table.c.member_id == HERE.member_id)
        ).scalar_one()
    assert HERE.application_token not in stored
    assert len(stored) > len(HERE.application_token)


def test_a_sealed_token_that_was_moved_to_another_portal_does_not_open(
    portals: PortalStore, engine: Engine
) -> None:
    here = select(table.c.application_token).where(table.c.member_id == HERE.member_id)
    with engine.begin() as connection:
        connection.execute(
            update(table)
            .where(table.c.member_id == ELSEWHERE.member_id)
            .values(application_token=here.scalar_subquery())
        )
    found = portals.find(ELSEWHERE.member_id)
    assert found is not None
    assert found.application_token == ""


@pytest.mark.parametrize("change", ["plain", "of another portal", "of another column", "other key"])
def test_an_address_that_was_changed_in_the_database_is_not_used(
    portals: PortalStore, engine: Engine, vault: Vault, change: str
) -> None:
    stranger = Vault([Fernet.generate_key().decode()])
    address, context = "https://evil.example/rest/", f"portals/{HERE.member_id}/endpoint"
    changed = {
        "plain": address,
        "of another portal": vault.seal(address, f"portals/{ELSEWHERE.member_id}/endpoint"),
        "of another column": vault.seal(address, f"portals/{HERE.member_id}/application_token"),
        "other key": stranger.seal(address, context),
    }[change]
    row = table.c.member_id == HERE.member_id
    with engine.begin() as connection:
        connection.execute(update(table).where(row).values(endpoint=changed))
    assert portals.find(HERE.member_id) is None
    assert portals.find_by_domain("here.example") is None
    assert portals.installed() == []
    assert portals.open(HERE.member_id, HERE.client_endpoint).status is Status.OPENED


def test_repr_of_a_portal_shows_no_token() -> None:
    assert HERE.application_token not in repr(HERE)
