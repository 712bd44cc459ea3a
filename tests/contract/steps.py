"""Two portals and their tokens."""

from __future__ import annotations

from sqlalchemy import Engine

from store.portals import Portal, PortalStore, Status
from store.tokens import UserToken
from store.vault import Vault

HERE = Portal("memberhere", "https://here.example/rest/", Status.INSTALLED, 1, "app-token-here")

ELSEWHERE = Portal("memberelsewhere", "https://elsewhere.example/rest/")


def token_of(user_id: int = 7, member_id: str = HERE.member_id, **fields: object) -> UserToken:
    """Return tokens whose text names the user. `fields` replaces some of them."""
    values: dict[str, object] = {
        "member_id": member_id,
        "user_id": user_id,
        "access_token": f"access-{user_id}",
        "refresh_token": f"refresh-{user_id}",
        "expires_at": 1_000,
        "oauth_url": "https://oauth.example",
    }
    return UserToken(**(values | fields))  # type: ignore[arg-type]


def with_portals(engine: Engine, vault: Vault) -> PortalStore:
    store = PortalStore(engine, vault)
    for portal in (HERE, ELSEWHERE):
        opened = store.open(portal.member_id, portal.client_endpoint)
        if portal.status is Status.INSTALLED:
            store.begin_install(opened, portal.installed_by, portal.application_token)
            store.finish_install(opened)
    return store
