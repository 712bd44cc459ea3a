"""The portals that the app knows, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy import Engine, select, update

from store.portals import PortalStore, Status
from store.schema import portals as table
from store.vault import SealError
from tests.contract.steps import ELSEWHERE, HERE


def test_a_portal_is_found_as_it_was_saved(portals: PortalStore) -> None:
    found = portals.find(HERE.member_id)
    assert found is not None
    assert replace(found, changed_at=HERE.changed_at) == HERE


def test_an_unknown_portal_is_not_found(portals: PortalStore) -> None:
    assert portals.find("nobody") is None


def test_saving_again_replaces_what_was_known(portals: PortalStore) -> None:
    portals.save(replace(HERE, status=Status.UNINSTALLED, application_token=""))
    found = portals.find(HERE.member_id)
    assert found is not None
    assert found.status is Status.UNINSTALLED
    assert found.application_token == ""


def test_a_portal_is_found_by_its_host_while_the_app_is_installed(portals: PortalStore) -> None:
    found = portals.find_by_domain("here.example")
    assert found is not None
    assert found.member_id == HERE.member_id
    assert portals.find_by_domain("elsewhere.example") is None
    assert portals.find_by_domain("here.example/rest/?") is None
    portals.save(replace(HERE, status=Status.UNINSTALLED))
    assert portals.find_by_domain("here.example") is None


def test_a_reused_host_name_finds_the_portal_that_has_it_now(
    portals: PortalStore,
) -> None:
    for last, first in ((HERE, ELSEWHERE), (ELSEWHERE, HERE)):
        for days, portal in enumerate((first, last)):
            named = replace(portal, client_endpoint="https://name.example/rest/")
            with time_machine.travel(datetime(2026, 11, 1 + days, tzinfo=UTC)):
                portals.save(replace(named, status=Status.INSTALLED))
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
    with pytest.raises(SealError):
        portals.find(ELSEWHERE.member_id)


def test_repr_of_a_portal_shows_no_token() -> None:
    assert HERE.application_token not in repr(HERE)
