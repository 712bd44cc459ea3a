"""An expired token is refreshed once, even by many threads and processes.

The sandbox's authorization server accepts each refresh token once, as Bitrix24's may: a second
request would throw the user out.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine

from bitrix24.errors import NoAnswer, SessionEnded
from bitrix24.http.transport import Transport
from oauth import user_tokens as renewal
from oauth.authorization_server import AuthorizationServer
from oauth.user_tokens import UserTokens
from sandbox import Sandbox
from sandbox.portal.launch import Launch
from store.engine import open_engine
from store.portals import PortalStore
from store.tokens import RefreshClaim, TokenStore, UserToken
from store.vault import Vault
from tests.contract.workers import Workers

THREADS = 16
USER = 2


@dataclass(frozen=True)
class Office:
    """What a worker needs to know. It is sent to other processes."""

    database_url: str
    key: str
    oauth_url: str
    client_id: str
    client_secret: str
    member_id: str

    def server(self, timeout: float = 20) -> AuthorizationServer:
        transport = Transport(timeout, allow_private=True)
        return AuthorizationServer(self.client_id, self.client_secret, (self.oauth_url,), transport)

    def user(self, store: TokenStore) -> UserTokens:
        return UserTokens(store, self.server(), self.member_id, USER)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(port=0, installed=True, records=0, contacts=1, companies=1, deals=0) as running:
        yield running


@pytest.fixture
def office(sandbox: Sandbox, database_url: str, key: str, portals: PortalStore) -> Office:
    """The portal is known, and no user has opened the app."""
    sandbox.reset()
    portal = sandbox.portals[0]
    portals.open(portal.member_id, portal.client_endpoint)
    return Office(
        database_url,
        key,
        sandbox.oauth_url,
        sandbox.client_id,
        sandbox.client_secret,
        portal.member_id,
    )


@pytest.fixture
def store(office: Office, engine: Engine, vault: Vault) -> TokenStore:
    """The tokens of the portal: none yet."""
    assert office.member_id
    return TokenStore(engine, vault)


def opened(store: TokenStore, sandbox: Sandbox, expires_at: int = 0) -> UserToken:
    """Store tokens as opening the app does. `expires_at` 0 is long ago."""
    launch: Launch = sandbox.portals[0].launch(USER)
    token = UserToken(
        sandbox.portals[0].member_id,
        USER,
        launch.access_token,
        launch.refresh_token,
        expires_at,
        sandbox.oauth_url,
    )
    store.save_newer(token)
    return token


def refreshes(sandbox: Sandbox) -> list[bool]:
    """Return whether each refresh request so far succeeded."""
    return [made.ok for made in sandbox.oauth_requests if made.grant_type == "refresh_token"]


def ask_in_threads(office: Office, spent: str) -> list[str]:
    """Return the tokens that 16 threads get at once, each as its own browser request."""
    engine, together = open_engine(office.database_url), threading.Barrier(THREADS)
    store = TokenStore(engine, Vault([office.key]))

    def ask(_: int) -> str:
        tokens = office.user(store)
        together.wait()
        return tokens.renew(spent) if spent else tokens.access_token()

    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(ask, range(THREADS)))
    engine.dispose()
    return answers


@pytest.mark.parametrize("found_by", ["its time", "the portal's refusal"])
def test_four_processes_of_sixteen_threads_refresh_once(
    office: Office, store: TokenStore, sandbox: Sandbox, workers: Workers, found_by: str
) -> None:
    by_time = found_by == "its time"
    spent = opened(store, sandbox, 0 if by_time else int(time.time()) + 3600)
    sandbox.oauth_faults.add("delay", "oauth/token", count=1, seconds=0.3)
    answers = workers.meet(ask_in_threads, office, "" if by_time else spent.access_token)
    stored = store.find(office.member_id, USER)
    assert stored is not None
    assert stored.access_token != spent.access_token
    assert answers == [[stored.access_token] * THREADS] * 4
    assert refreshes(sandbox) == [True]


def test_a_token_that_still_works_is_not_refreshed(
    office: Office, store: TokenStore, sandbox: Sandbox
) -> None:
    token = opened(store, sandbox, int(time.time()) + 3600)
    assert office.user(store).access_token() == token.access_token
    assert refreshes(sandbox) == []


def test_a_token_is_refreshed_shortly_before_its_end(
    office: Office, store: TokenStore, sandbox: Sandbox
) -> None:
    opened(store, sandbox, int(time.time()) + 30)
    office.user(store).access_token()
    assert refreshes(sandbox) == [True]


def test_a_refresh_can_be_followed_by_another(
    office: Office, store: TokenStore, sandbox: Sandbox
) -> None:
    opened(store, sandbox)
    tokens = office.user(store)
    first = tokens.access_token()
    second = tokens.renew(first)
    assert first != second
    assert refreshes(sandbox) == [True, True]


def test_an_invalid_refresh_token_is_sent_once(
    office: Office, store: TokenStore, sandbox: Sandbox
) -> None:
    opened(store, sandbox)
    sandbox.hub.tokens.revoke(office.member_id)
    for _ in range(3):
        with pytest.raises(SessionEnded):
            office.user(store).access_token()
    assert refreshes(sandbox) == [False]


def test_opening_the_app_again_helps_a_user_with_an_invalid_refresh_token(
    office: Office, store: TokenStore, sandbox: Sandbox
) -> None:
    opened(store, sandbox)
    sandbox.hub.tokens.revoke(office.member_id)
    with pytest.raises(SessionEnded):
        office.user(store).access_token()
    again = opened(store, sandbox, int(time.time()) + 3600)
    assert office.user(store).access_token() == again.access_token


def test_invalid_grant_is_ignored_when_newer_tokens_have_been_stored(
    office: Office, store: TokenStore, sandbox: Sandbox
) -> None:
    opened(store, sandbox)
    sandbox.hub.tokens.revoke(office.member_id)
    brought: list[UserToken] = []

    class LaunchMeanwhile(AuthorizationServer):
        def refresh(self, token: UserToken) -> UserToken:
            brought.append(opened(store, sandbox, int(time.time()) + 3600))
            return super().refresh(token)

    server = LaunchMeanwhile(
        office.client_id,
        office.client_secret,
        (office.oauth_url,),
        Transport(20, allow_private=True),
    )
    tokens = UserTokens(store, server, office.member_id, USER)
    assert tokens.access_token() == brought[0].access_token
    assert refreshes(sandbox) == [False]


def test_the_claim_is_released_when_the_server_does_not_answer(
    office: Office, store: TokenStore, sandbox: Sandbox
) -> None:
    opened(store, sandbox)
    sandbox.oauth_faults.add("drop_before", "oauth/token", count=1)
    with pytest.raises(NoAnswer):
        office.user(store).access_token()
    assert office.user(store).access_token()
    assert refreshes(sandbox)[-1:] == [True]


def test_after_a_crash_before_storing_the_user_opens_the_app_again(
    office: Office,
    store: TokenStore,
    engine: Engine,
    vault: Vault,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Crashing(TokenStore):
        def complete(self, _claim: RefreshClaim, _fresh: UserToken) -> bool:
            raise KeyboardInterrupt

    monkeypatch.setattr(renewal, "CLAIM_MARGIN", -40)  # the claim runs out at once
    opened(store, sandbox)
    crashing = Crashing(engine, vault)
    with pytest.raises(KeyboardInterrupt):
        office.user(crashing).access_token()
    with pytest.raises(SessionEnded):
        office.user(store).access_token()
    opened(store, sandbox)
    assert office.user(store).access_token()
    assert refreshes(sandbox) == [True, False, True]


def test_others_wait_for_a_dead_worker_no_longer_than_for_a_request(
    office: Office, store: TokenStore, sandbox: Sandbox
) -> None:
    token = opened(store, sandbox)
    assert isinstance(store.claim(token, 3600), RefreshClaim)
    impatient = UserTokens(store, office.server(0.2), office.member_id, USER)
    with pytest.raises(NoAnswer):
        impatient.access_token()
    assert refreshes(sandbox) == []


def test_an_uninstall_ends_the_session(
    office: Office, store: TokenStore, sandbox: Sandbox, portals: PortalStore
) -> None:
    token = opened(store, sandbox)
    portals.uninstall(office.member_id)
    with pytest.raises(SessionEnded):
        office.user(store).access_token()
    opened(store, sandbox)
    late = office.user(store)
    assert late.access_token() != token.access_token
    portals.uninstall(office.member_id)
    with pytest.raises(SessionEnded):
        late.renew(late.access_token())
