"""Everything that a sandbox stores, as plain data: one tree is one JSON file."""

from typing import Any

from msgspec import Struct, field

from sandbox.core.application import AppState, EventHandler, OAuthState, PlacementHandler
from sandbox.core.booking.model import Resource, ResourceType, SentMessage

CONTACT, COMPANY, DEAL = 3, 4, 2


class User(Struct):
    id: int
    name: str
    last_name: str
    email: str
    position: str = ""
    admin: bool = False
    app_access: bool = True
    crm_read: bool = True
    crm_add: bool = True
    crm_import: bool = True
    extranet: bool = False
    hidden_contacts: list[int] = field(default_factory=list)
    hidden_deals: list[int] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        return f"{self.name} {self.last_name}"


class Multifield(Struct):
    """A phone or e-mail of a contact or company (`fm` in crm.item.*)."""

    id: int
    type_id: str
    value_type: str
    value: str


class CrmItem(Struct):
    """A contact, company or deal; `fields` has values as crm.item.get returns them."""

    id: int
    fields: dict[str, Any]
    fm: list[Multifield] = field(default_factory=list)

    def values(self, type_id: str) -> list[str]:
        """Return its phones with "PHONE", its mails with "EMAIL"."""
        return [entry.value for entry in self.fm if entry.type_id == type_id]

    @property
    def title(self) -> str:
        title = self.fields.get("title")
        if title:
            return str(title)
        parts = (self.fields.get(name) for name in ("name", "secondName", "lastName"))
        return " ".join(part for part in parts if part) or f"#{self.id}"


class ClientType(Struct):
    """A row of the table of client types, empty until the portal links a client."""

    module: str
    code: str


class ClientRow(Struct):
    """A client of a record or booking; `id` is that of the contact or company."""

    # "row" in the data file.
    row_id: int = field(name="row")
    module: str
    code: str
    id: int
    primary: bool = False


class ExternalRow(Struct):
    module_id: str
    entity_type_id: str
    value: str


class Record(Struct):
    id: int
    note: str | None
    created_by: int
    created: str
    updated_by: int
    deleted: bool = False
    clients: list[ClientRow] = field(default_factory=list)
    external: list[ExternalRow] = field(default_factory=list)


class Booking(Struct):
    id: int
    resource_ids: list[int]
    date_period: dict[str, Any]
    created_by: int
    created: str
    name: str | None = None
    description: str | None = None
    note: str | None = None
    confirmed: bool = False
    deleted: bool = False
    clients: list[ClientRow] = field(default_factory=list)
    external: list[ExternalRow] = field(default_factory=list)

    @property
    def start(self) -> int:
        """The begin in seconds since 1970."""
        return int(self.date_period["from"]["timestamp"])

    @property
    def end(self) -> int:
        return int(self.date_period["to"]["timestamp"])


ClientOwner = Record | Booking


class Activity(Struct):
    """The CRM mirror of a waiting-list record."""

    id: int
    record_id: int
    created: str
    updated: str
    author_id: int
    bindings: list[tuple[int, int]]
    fields: dict[str, Any]


class Todo(Struct):
    """A to-do of a CRM item; `owner` is its type and id, `deadline` an ISO time."""

    id: int
    owner: tuple[int, int]
    subject: str
    description: str
    deadline: str
    author_id: int
    responsible_id: int
    created: str


class TimelineComment(Struct):
    id: int
    owner: tuple[int, int]
    text: str
    author_id: int
    created: str


class JournalEntry(Struct):
    """A change of a record: when, by which user and call, and the clients afterwards."""

    time: str
    record_id: int
    kind: str
    user_id: int
    clients: list[str] = field(default_factory=list)


class PortalState(Struct):
    member_id: str
    number: int
    company: str
    date_format: str
    webhook: str
    app: AppState
    users: list[User] = field(default_factory=list)
    contacts: dict[int, CrmItem] = field(default_factory=dict)
    companies: dict[int, CrmItem] = field(default_factory=dict)
    deals: dict[int, CrmItem] = field(default_factory=dict)
    # Which of the two authorization servers knows the tokens of this portal.
    oauth_server: int = 1
    # In hours: how far the portal's clock is ahead of UTC.
    utc_offset: float = 0.0
    # By "contact", "company" and "deal": the fields that the administrator has made required.
    required_fields: dict[str, list[str]] = field(default_factory=dict)
    records: dict[int, Record] = field(default_factory=dict)
    bookings: dict[int, Booking] = field(default_factory=dict)
    resources: dict[int, Resource] = field(default_factory=dict)
    resource_types: dict[int, ResourceType] = field(default_factory=dict)
    messages: list[SentMessage] = field(default_factory=list)
    # In seconds since 1970; 0 before the first run of the portal's agent.
    messages_sent_until: float = 0.0
    # By record id; a record has at most one.
    activities: dict[int, Activity] = field(default_factory=dict)
    todos: dict[int, Todo] = field(default_factory=dict)
    comments: dict[int, TimelineComment] = field(default_factory=dict)
    client_types: list[ClientType] = field(default_factory=list)
    features: dict[str, bool] = field(default_factory=dict)
    booking_tool: bool = True
    license: str = "en_pro100"
    event_handlers: list[EventHandler] = field(default_factory=list)
    placements: list[PlacementHandler] = field(default_factory=list)
    journal: list[JournalEntry] = field(default_factory=list)
    last_id: dict[str, int] = field(default_factory=dict)

    def next_id(self, kind: str) -> int:
        number = self.last_id.get(kind, 0) + 1
        self.last_id[kind] = number
        return number

    def crm(self, entity_type_id: int) -> dict[int, CrmItem]:
        tables = {CONTACT: self.contacts, COMPANY: self.companies, DEAL: self.deals}
        return tables[entity_type_id]

    def customer(self, row: ClientRow) -> CrmItem | None:
        table = self.contacts if row.code == "CONTACT" else self.companies
        return table.get(row.id)


class SandboxState(Struct):
    oauth: OAuthState
    portals: list[PortalState] = field(default_factory=list)
    app_url: str = ""
    format: int = 1

    def move_app(self, url: str) -> None:
        """Move the application's bindings to the address at which it listens now."""
        old, self.app_url = self.app_url, url
        for portal in self.portals:
            bindings: list[EventHandler | PlacementHandler]
            bindings = [*portal.event_handlers, *portal.placements]
            for bound in bindings:
                if old and bound.handler.startswith((f"{old}/", f"{old}?")):
                    bound.handler = url + bound.handler.removeprefix(old)
