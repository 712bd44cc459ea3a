"""One portal: its address, its data, who may what. Events and HTTP live above it."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

from sandbox.core import crm_mirror
from sandbox.core.application import AppState
from sandbox.core.faults import Faults
from sandbox.core.limits import ENTERPRISE, LeakyBucket, Operating
from sandbox.core.model import JournalEntry, PortalState, User, WaitListItem
from sandbox.core.recording import RequestRecord, keep_recent
from sandbox.core.tokens import Grant
from sandbox.net import tls
from sandbox.portal import launch as launching
from sandbox.portal.hub import Hub
from sandbox.portal.launch import Launch

_JOURNAL_KEPT = 1000


class Portal:
    def __init__(self, state: PortalState, hub: Hub, port: int) -> None:
        self.state = state
        self.hub = hub
        self.port = port
        self.tls_port: int | None = None
        self.lock = hub.lock
        self.requests: list[RequestRecord] = []
        self._counted = 0
        self.faults = Faults()
        self.license = state.license
        self.operating = Operating()
        self.mirror_pending: set[int] = set()
        # Outcome of a token check, kept by the portal for an hour: token -> (until, scope, access)
        self.checked_tokens: dict[str, tuple[float, str, bool]] = {}

    def begin(self, state: PortalState) -> None:
        """Anew with this data: nothing is recorded, remembered or pending, and no fault is due."""
        self.state = state
        self.requests.clear()
        self.faults.clear()
        self.license = state.license  # a new rate bucket comes with it
        self.operating = Operating(self.operating.limit)
        self.mirror_pending.clear()
        self.checked_tokens.clear()

    @property
    def zone(self) -> timezone:
        """In which the portal tells times and takes days."""
        return timezone(timedelta(hours=self.state.utc_offset))

    @property
    def domain(self) -> str:
        """As the request being answered should name it: over https the https port."""
        return f"localhost:{self.tls_port if tls.spoken() else self.port}"

    @property
    def url(self) -> str:
        return f"{'https' if tls.spoken() else 'http'}://{self.domain}"

    @property
    def tls_domain(self) -> str:
        if self.tls_port is None:
            raise LookupError("this sandbox was started without tls=True")
        return f"localhost:{self.tls_port}"

    @property
    def tls_url(self) -> str:
        return f"https://{self.tls_domain}"

    @property
    def tls_webhook_url(self) -> str:
        return f"{self.tls_url}/rest/1/{self.state.webhook}/"

    @property
    def client_endpoint(self) -> str:
        return f"{self.url}/rest/"

    @property
    def member_id(self) -> str:
        return self.state.member_id

    @property
    def webhook_url(self) -> str:
        return f"{self.client_endpoint}1/{self.state.webhook}/"

    @property
    def app(self) -> AppState:
        return self.state.app

    @property
    def installed(self) -> bool:
        return self.state.app.installed

    @installed.setter
    def installed(self, value: bool) -> None:
        self.state.app.installed = value
        self.hub.changed()

    @property
    def license(self) -> str:
        """The plan as `app.info` tells it, e.g. "en_pro100"; the rate limit goes by it."""
        return self.state.license

    @license.setter
    def license(self, plan: str) -> None:
        self.state.license = plan
        self.bucket = LeakyBucket(*ENTERPRISE) if "_ent" in plan else LeakyBucket()

    @property
    def app_code(self) -> str:
        """In app.info and in the addresses of deep links; a local application's client_id."""
        return self.hub.tokens.state.client_id

    @property
    def application_token(self) -> str:
        return self.state.app.application_token

    @property
    def users(self) -> list[User]:
        return self.state.users

    def user(self, user_id: int) -> User:
        found = self.find_user(user_id)
        if found is None:
            raise LookupError(f"portal {self.state.number} has no user {user_id}")
        return found

    def find_user(self, user_id: int) -> User | None:
        return next((user for user in self.state.users if user.id == user_id), None)

    @property
    def administrator(self) -> User:
        return next(user for user in self.state.users if user.admin)

    @property
    def records(self) -> dict[int, WaitListItem]:
        """Waiting-list records by id, deleted ones left out."""
        return {key: item for key, item in self.state.records.items() if not item.deleted}

    @property
    def journal(self) -> list[JournalEntry]:
        return self.state.journal

    def clients(self, record_id: int) -> list[tuple[str, int]]:
        """The stored clients of a record in stored order, e.g. [("CONTACT", 12)]."""
        return [(row.code, row.id) for row in self.state.records[record_id].clients]

    def issue_token(self, user_id: int, event_ttl: int | None = None) -> Grant:
        self.hub.changed()
        scope = self.hub.registration.scope
        return self.hub.tokens.issue(self.member_id, self.user(user_id).id, scope, event_ttl)

    def launch(
        self,
        user_id: int = 2,
        placement: str = "DEFAULT",
        options: dict[str, Any] | None = None,
        lang: str = "en",
        handler: str | None = None,
    ) -> Launch:
        """What this user's browser would post now: fresh tokens, the URL the portal chooses."""
        return launching.build(
            auth=launching.auth_fields(self.hub, self.state, self.issue_token(user_id)),
            user_id=user_id,
            domain=self.domain,
            placement=placement,
            options=options or {},
            lang=lang,
            handler=handler or self.handler_url(placement),
        )

    def handler_url(self, placement: str) -> str:
        registration = self.hub.registration
        if placement == "DEFAULT":
            installer = registration.install_url
            return registration.main_url if self.installed or not installer else installer
        for bound in self.state.placements:
            if bound.placement == placement:
                return bound.handler
        raise LookupError(f"no handler is bound to {placement}")

    def record_request(self, record: RequestRecord) -> None:
        self._counted += 1
        record.number = self._counted
        self.requests.append(record)
        keep_recent(self.requests)

    def note_journal(self, item: WaitListItem, kind: str, user_id: int) -> None:
        clients = [f"{row.code} {row.id}" for row in item.clients]
        entry = JournalEntry(self.hub.clock.iso(), item.id, kind, user_id, clients)
        self.state.journal.append(entry)
        del self.state.journal[:-_JOURNAL_KEPT]

    def write_mirror(self) -> None:
        """What has changed since, unless the mirror is late."""
        if self.hub.switches.mirror == "late":
            return
        while self.mirror_pending:
            item = self.state.records.get(self.mirror_pending.pop())
            if item is not None:
                crm_mirror.write(self.state, item, self.hub.clock.iso())
