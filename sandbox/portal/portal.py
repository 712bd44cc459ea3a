"""One portal: its addresses, data, users, recordings and faults."""

import json
from datetime import timedelta, timezone
from typing import Any

from sandbox.core import crm_mirror
from sandbox.core.application import AppState
from sandbox.core.booking.model import SentMessage
from sandbox.core.faults import Faults
from sandbox.core.limits import ENTERPRISE, LeakyBucket, OperatingTime
from sandbox.core.model import JournalEntry, PortalState, Record, User
from sandbox.core.recording import RecordedRequest, drop_oldest
from sandbox.core.tokens import ACCESS_SECONDS, Grant
from sandbox.net import tls
from sandbox.portal import messages
from sandbox.portal.hub import Hub
from sandbox.portal.late import LateCalls
from sandbox.portal.launch import Launch, build_launch

_JOURNAL_KEPT = 1000


class Portal:
    def __init__(self, state: PortalState, hub: Hub, port: int) -> None:
        self.state = state
        self.hub = hub
        self.port = port
        self.tls_port: int | None = None
        self.lock = hub.lock
        self.requests: list[RecordedRequest] = []
        self._request_count = 0
        self.faults = Faults()
        self.late = LateCalls(hub.clock)
        self.license = state.license
        self.operating = OperatingTime()
        self.mirror_pending: set[int] = set()
        # Results of token checks, kept for an hour: token -> (until, scope, access).
        self.checked_tokens: dict[str, tuple[float, str, bool]] = {}

    def restart(self, state: PortalState) -> None:
        """Start afresh with this data, without recordings, faults and cached checks."""
        self.state = state
        self.requests.clear()
        self.faults.clear()
        self.late.clear()
        self.license = state.license  # replaces the rate bucket, too
        self.operating = OperatingTime(self.operating.limit)
        self.mirror_pending.clear()
        self.checked_tokens.clear()

    @property
    def zone(self) -> timezone:
        """The time zone of the portal's clock and days."""
        return timezone(timedelta(hours=self.state.utc_offset))

    @property
    def domain(self) -> str:
        """Host and port; over https the https port."""
        return f"localhost:{self.tls_port if tls.is_https() else self.port}"

    @property
    def url(self) -> str:
        return f"{'https' if tls.is_https() else 'http'}://{self.domain}"

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
    def oauth_url(self) -> str:
        """The address of the authorization server that knows this portal's tokens."""
        return self.hub.oauth_urls[self.state.oauth_server - 1]

    @property
    def server_endpoint(self) -> str:
        return f"{self.oauth_url}/rest/"

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
        self.hub.mark_changed()

    @property
    def license(self) -> str:
        """The plan as in `app.info`, e.g. "en_pro100"; it decides the rate limit."""
        return self.state.license

    @license.setter
    def license(self, plan: str) -> None:
        self.state.license = plan
        self.bucket = LeakyBucket(*ENTERPRISE) if "_ent" in plan else LeakyBucket()

    @property
    def app_code(self) -> str:
        """The CODE in app.info and in deep links: for a local application its client_id."""
        return self.hub.tokens.state.client_id

    @property
    def application_token(self) -> str:
        return self.state.app.application_token

    @property
    def users(self) -> list[User]:
        return self.state.users

    def user(self, user_id: int) -> User:
        """Return a user; raises LookupError when there is none."""
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
    def records(self) -> dict[int, Record]:
        """Waiting-list records by id, without the deleted ones."""
        return {key: row for key, row in self.state.records.items() if not row.deleted}

    @property
    def messages(self) -> list[SentMessage]:
        """The messages to customers, as of now."""
        with self.lock:
            self.send_messages(wait=False)
            return list(self.state.messages)

    def send_messages(self, *, wait: bool = True) -> None:
        """Send the messages that are due; with `wait` only a minute after the last time."""
        now = self.hub.clock.now()
        if not wait or now - self.state.messages_sent_until >= messages.INTERVAL:
            messages.send_due(self.state, now)

    @property
    def journal(self) -> list[JournalEntry]:
        return self.state.journal

    def clients(self, record_id: int) -> list[tuple[str, int]]:
        """Return the clients of a record in stored order, e.g. [("CONTACT", 12)]."""
        return [(row.code, row.id) for row in self.state.records[record_id].clients]

    def issue_token(self, user_id: int, event_ttl: int | None = None) -> Grant:
        """Issue tokens for a user, with all scopes of the application."""
        self.hub.mark_changed()
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
        """Return what this user's browser would post now, with new tokens."""
        body = {**self.auth_fields(user_id), "PLACEMENT": placement}
        if options:
            body["PLACEMENT_OPTIONS"] = json.dumps(options, ensure_ascii=False)
        return build_launch(handler or self.handler_url(placement), self.domain, lang, body)

    def auth_fields(self, user_id: int) -> dict[str, str]:
        """Return the form fields that carry new tokens and identify the portal."""
        grant = self.issue_token(user_id)
        return {
            "AUTH_ID": grant.access_token,
            "AUTH_EXPIRES": str(ACCESS_SECONDS),
            "REFRESH_ID": grant.refresh_token,
            "SERVER_ENDPOINT": self.server_endpoint,
            "APPLICATION_TOKEN": self.app.application_token,
            "APPLICATION_SCOPE": self.hub.registration.scope,
            "member_id": self.member_id,
            "status": self.app.status,
        }

    def handler_url(self, placement: str) -> str:
        """Return the address of a placement; DEFAULT is the installer until it finishes.

        Raises LookupError when nothing is bound to the placement.
        """
        registration = self.hub.registration
        if placement == "DEFAULT":
            installer = registration.install_url
            return registration.main_url if self.installed or not installer else installer
        for bound in self.state.placements:
            if bound.placement == placement:
                return bound.handler
        raise LookupError(f"no handler is bound to {placement}")

    def record_request(self, recorded: RecordedRequest) -> None:
        self._request_count += 1
        recorded.number = self._request_count
        self.requests.append(recorded)
        drop_oldest(self.requests)

    def add_journal_entry(self, record: Record, kind: str, user_id: int) -> None:
        clients = [f"{row.code} {row.id}" for row in record.clients]
        entry = JournalEntry(self.hub.clock.iso(), record.id, kind, user_id, clients)
        self.state.journal.append(entry)
        del self.state.journal[:-_JOURNAL_KEPT]

    def write_mirror(self) -> None:
        """Write the CRM mirror of the records that have changed, unless it is late."""
        if self.hub.switches.mirror == "late":
            return
        while self.mirror_pending:
            record = self.state.records.get(self.mirror_pending.pop())
            if record is not None:
                crm_mirror.write_mirror(self.state, record, self.hub.clock.iso())
