"""The tokens of users and the claims to refresh them, on both databases."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import IntegrityError

from store.engine import InstallationEnded
from store.portals import PortalStore
from store.schema import user_tokens
from store.tokens import RefreshClaim, TokensGone, TokenStore, UserToken
from store.vault import Vault
from tests.contract.steps import ELSEWHERE, HERE, token_of

LONG = 3600


def claim(tokens: TokenStore, token: UserToken, seconds: int = LONG) -> RefreshClaim:
    held = tokens.claim(token, seconds)
    assert isinstance(held, RefreshClaim)
    return held


def fresh(token: UserToken) -> UserToken:
    return replace(
        token, access_token="fresh", refresh_token="fresh too", expires_at=token.expires_at + 3600
    )


def test_tokens_are_found_as_they_were_stored(tokens: TokenStore) -> None:
    tokens.save_newer(token_of())
    assert tokens.find(HERE.member_id, 7) == token_of()


def test_tokens_of_another_user_or_portal_are_not_found(tokens: TokenStore) -> None:
    tokens.save_newer(token_of())
    assert tokens.find(HERE.member_id, 8) is None
    assert tokens.find(ELSEWHERE.member_id, 7) is None


def test_users_are_sorted_by_the_expiry_of_their_tokens(tokens: TokenStore) -> None:
    for user_id, expires_at in ((7, 100), (8, 300), (9, 200)):
        tokens.save_newer(token_of(user_id=user_id, expires_at=expires_at))
    assert tokens.user_ids(HERE.member_id, 2) == [8, 9]
    assert tokens.user_ids(ELSEWHERE.member_id, 2) == []


def test_tokens_of_an_unknown_portal_are_not_stored(tokens: TokenStore) -> None:
    with pytest.raises(IntegrityError):
        tokens.save_newer(token_of(member_id="nobody"))


@pytest.mark.parametrize("later", [-3600, -1, 0])
def test_an_old_launch_never_replaces_tokens_that_expire_later(
    tokens: TokenStore, later: int
) -> None:
    tokens.save_newer(token_of())
    tokens.save_newer(token_of(access_token="old", expires_at=token_of().expires_at + later))
    assert tokens.find(HERE.member_id, 7) == token_of()


def test_a_new_launch_replaces_tokens_that_expire_earlier(tokens: TokenStore) -> None:
    tokens.save_newer(token_of())
    tokens.save_newer(fresh(token_of()))
    assert tokens.find(HERE.member_id, 7) == fresh(token_of())


def test_retired_tokens_are_deleted_unless_they_were_replaced(tokens: TokenStore) -> None:
    tokens.save_newer(token_of(7))
    tokens.save_newer(token_of(8))
    tokens.retire(token_of(7, access_token="replaced long ago"))
    assert tokens.find(HERE.member_id, 7) == token_of(7)
    tokens.retire(token_of(7))
    tokens.retire(token_of(7))
    assert tokens.user_ids(HERE.member_id, 9) == [8]


def test_the_server_of_a_portal_is_that_of_its_latest_tokens(tokens: TokenStore) -> None:
    assert tokens.oauth_url(HERE.member_id) == ""
    for user_id, expires_at in ((7, 100), (8, 300), (9, 200)):
        url = f"https://oauth{user_id}.example"
        tokens.save_newer(token_of(user_id=user_id, expires_at=expires_at, oauth_url=url))
    assert tokens.oauth_url(HERE.member_id) == "https://oauth8.example"
    assert tokens.oauth_url(ELSEWHERE.member_id) == ""


def test_only_one_worker_gets_the_claim(tokens: TokenStore) -> None:
    tokens.save_newer(token_of())
    claim(tokens, token_of())
    assert tokens.claim(token_of(), LONG) is None


def test_two_workers_that_read_the_row_together_do_not_both_get_the_claim(
    tokens: TokenStore, engine: Engine, vault: Vault
) -> None:
    tokens.save_newer(token_of())
    both_have_read = threading.Barrier(2)

    class Slow(Vault):
        """Opens what was read once both workers have read, if the database lets them."""

        def open(self, sealed: str, context: str) -> str:
            with suppress(threading.BrokenBarrierError):
                both_have_read.wait(0.3)
            return vault.open(sealed, context)

    slow = TokenStore(engine, Slow(["A" * 43 + "="]))
    with ThreadPoolExecutor(2) as threads:
        claims = list(threads.map(lambda _: slow.claim(token_of(), LONG), range(2)))
    assert [type(held) for held in claims if held is not None] == [RefreshClaim]


def test_a_claim_is_for_one_user_only(tokens: TokenStore) -> None:
    tokens.save_newer(token_of(7))
    tokens.save_newer(token_of(8))
    claim(tokens, token_of(7))
    claim(tokens, token_of(8))


def test_a_claim_after_the_refresh_returns_the_fresh_tokens(tokens: TokenStore) -> None:
    tokens.save_newer(token_of())
    assert tokens.complete(claim(tokens, token_of()), fresh(token_of()))
    assert tokens.claim(token_of(), LONG) == fresh(token_of())


def test_refreshed_tokens_can_be_refreshed_again(tokens: TokenStore) -> None:
    tokens.save_newer(token_of())
    tokens.complete(claim(tokens, token_of()), fresh(token_of()))
    claim(tokens, fresh(token_of()))


def test_a_refresh_within_the_second_of_the_launch_is_stored(tokens: TokenStore) -> None:
    tokens.save_newer(token_of())
    same_second = replace(fresh(token_of()), expires_at=token_of().expires_at)
    assert tokens.complete(claim(tokens, token_of()), same_second)
    assert tokens.find(HERE.member_id, 7) == same_second


def test_a_released_claim_goes_to_the_next_worker(tokens: TokenStore) -> None:
    tokens.save_newer(token_of())
    tokens.release(claim(tokens, token_of()))
    claim(tokens, token_of())


def test_the_claim_of_a_dead_worker_expires(tokens: TokenStore) -> None:
    tokens.save_newer(token_of())
    claim(tokens, token_of(), seconds=0)
    claim(tokens, token_of())


def test_a_late_worker_does_not_release_the_claim_of_another(tokens: TokenStore) -> None:
    tokens.save_newer(token_of())
    late = claim(tokens, token_of(), seconds=0)
    claim(tokens, token_of())
    tokens.release(late)
    assert tokens.claim(token_of(), LONG) is None


def test_a_late_worker_still_stores_its_fresh_tokens(
    tokens: TokenStore,
) -> None:
    tokens.save_newer(token_of())
    late = claim(tokens, token_of(), seconds=0)
    claim(tokens, token_of())
    assert tokens.complete(late, fresh(token_of()))
    assert tokens.find(HERE.member_id, 7) == fresh(token_of())


def test_a_late_worker_never_overwrites_tokens_that_expire_later(tokens: TokenStore) -> None:
    tokens.save_newer(token_of())
    late = claim(tokens, token_of())
    launched = replace(fresh(token_of()), access_token="launched")
    tokens.save_newer(launched)
    assert not tokens.complete(late, fresh(token_of()))
    assert tokens.find(HERE.member_id, 7) == launched


def test_a_launch_ends_the_claim_of_the_worker_that_refreshes(tokens: TokenStore) -> None:
    tokens.save_newer(token_of())
    claim(tokens, token_of())
    tokens.save_newer(fresh(token_of()))
    claim(tokens, fresh(token_of()))


def test_invalid_tokens_are_deleted_by_the_worker_with_the_claim(tokens: TokenStore) -> None:
    tokens.save_newer(token_of(7))
    tokens.save_newer(token_of(8))
    assert tokens.discard(claim(tokens, token_of(7)))
    assert tokens.find(HERE.member_id, 7) is None
    assert tokens.find(HERE.member_id, 8) == token_of(8)


def test_tokens_of_a_launch_are_not_deleted_with_the_invalid_ones(tokens: TokenStore) -> None:
    tokens.save_newer(token_of())
    held = claim(tokens, token_of())
    tokens.save_newer(fresh(token_of()))
    assert not tokens.discard(held)
    assert tokens.find(HERE.member_id, 7) == fresh(token_of())


def test_uninstalling_deletes_the_tokens_of_that_portal_only(
    tokens: TokenStore, portals: PortalStore
) -> None:
    tokens.save_newer(token_of(7))
    tokens.save_newer(token_of(8))
    tokens.save_newer(token_of(7, ELSEWHERE.member_id))
    portals.uninstall(HERE.member_id)
    portals.uninstall(HERE.member_id)
    assert tokens.find(HERE.member_id, 7) is None
    assert tokens.find(HERE.member_id, 8) is None
    assert tokens.find(ELSEWHERE.member_id, 7) is not None


def test_a_refresh_that_ends_after_the_uninstall_stores_nothing(
    tokens: TokenStore, portals: PortalStore
) -> None:
    tokens.save_newer(token_of())
    held = claim(tokens, token_of())
    portals.uninstall(HERE.member_id)
    assert not tokens.complete(held, fresh(token_of()))
    assert tokens.find(HERE.member_id, 7) is None
    with pytest.raises(TokensGone):
        tokens.claim(token_of(), LONG)


@pytest.mark.parametrize("column", ["access_token", "refresh_token", "server"])
def test_a_sealed_token_that_was_moved_to_another_row_does_not_open(
    tokens: TokenStore, engine: Engine, column: str
) -> None:
    tokens.save_newer(token_of(7))
    tokens.save_newer(token_of(8))
    of_another = select(user_tokens.c[column]).where(user_tokens.c.user_id == 8)
    with engine.begin() as connection:
        connection.execute(
            update(user_tokens)
            .where(user_tokens.c.user_id == 7)
            .values({column: of_another.scalar_subquery()})
        )
    assert tokens.find(HERE.member_id, 7) is None
    assert tokens.find(HERE.member_id, 8) is not None


def test_a_sealed_refresh_token_does_not_open_as_an_access_token(
    tokens: TokenStore, engine: Engine
) -> None:
    tokens.save_newer(token_of())
    with engine.begin() as connection:
        connection.execute(update(user_tokens).values(access_token=user_tokens.c.refresh_token))
    assert tokens.find(HERE.member_id, 7) is None


def test_no_token_is_in_the_database_in_plain_text(tokens: TokenStore, engine: Engine) -> None:
    tokens.save_newer(token_of())
    with engine.begin() as connection:
        stored = str(connection.execute(select(user_tokens)).all())
    assert "access-7" not in stored
    assert "refresh-7" not in stored


def test_repr_shows_no_token() -> None:
    assert "access-7" not in repr(token_of())
    assert "refresh-7" not in repr(RefreshClaim(token_of(), "lease"))


def test_another_key_opens_nothing(tokens: TokenStore, engine: Engine) -> None:
    tokens.save_newer(token_of())
    stranger = TokenStore(engine, Vault(["A" * 43 + "="]))
    assert stranger.find(HERE.member_id, 7) is None
    assert stranger.oauth_url(HERE.member_id) == ""
    stranger.retire(token_of())
    with pytest.raises(TokensGone):
        stranger.claim(token_of(), LONG)
    stranger.save(token_of(expires_at=1))
    assert stranger.find(HERE.member_id, 7) == token_of(expires_at=1)


@pytest.mark.parametrize("address", ["https://evil.example", "", "gAAAAA"])
def test_a_server_that_was_changed_in_the_database_is_not_used(
    tokens: TokenStore, engine: Engine, address: str
) -> None:
    tokens.save_newer(token_of())
    with engine.begin() as connection:
        connection.execute(update(user_tokens).values(server=address))
    assert tokens.find(HERE.member_id, 7) is None
    assert tokens.oauth_url(HERE.member_id) == ""


def test_the_user_to_ask_first_comes_before_the_others(tokens: TokenStore) -> None:
    for user_id in (7, 8, 9):
        tokens.save_newer(token_of(user_id, expires_at=user_id))
    assert tokens.user_ids(HERE.member_id, 2) == [9, 8]
    assert tokens.user_ids(HERE.member_id, 2, first=7) == [7, 9]
    assert tokens.user_ids(HERE.member_id, 9, first=5) == [9, 8, 7]


@pytest.mark.parametrize("again", [False, True])
def test_a_refresh_of_an_earlier_installation_is_not_stored(
    tokens: TokenStore, portals: PortalStore, again: bool
) -> None:
    tokens.save_newer(token_of())
    held = claim(tokens, token_of())
    portals.uninstall(HERE.member_id)
    launched = token_of(access_token="of the new installation", expires_at=500)
    if again:
        portals.open(HERE.member_id, HERE.client_endpoint, portals.find(HERE.member_id))
        tokens.save(launched)
    assert not tokens.complete(held, fresh(token_of()))
    assert tokens.find(HERE.member_id, 7) == (launched if again else None)


@pytest.mark.parametrize("again", [False, True])
def test_tokens_of_a_launch_are_not_stored_after_an_uninstall(
    tokens: TokenStore, portals: PortalStore, again: bool
) -> None:
    before = portals.find(HERE.member_id)
    assert before is not None
    tokens.save(token_of(8), before.installation)
    portals.uninstall(HERE.member_id)
    if again:
        portals.open(HERE.member_id, HERE.client_endpoint, portals.find(HERE.member_id))
    for save in (tokens.save, tokens.save_newer):
        with pytest.raises(InstallationEnded):
            save(token_of(7), before.installation)
    assert tokens.user_ids(HERE.member_id, 9) == []
