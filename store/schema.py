"""The tables, as `store/migrations` creates them. All times are whole seconds since 1970, UTC."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.schema import SchemaItem

SEALED = {"sealed": True}
"""Marks columns with sealed secrets and addresses. A key rotation finds them by this mark."""

metadata = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"}
)


def _portal_table(name: str, *parts: SchemaItem, key: bool = True, **options: Any) -> Table:
    """Return a table whose rows belong to a portal, and are deleted with it.

    `key` says whether the portal is a part of their primary key.
    """
    portal = Column("member_id", String(64), nullable=False, primary_key=key)
    row = ForeignKeyConstraint(["member_id"], ["portals.member_id"], ondelete="CASCADE")
    return Table(name, metadata, portal, *parts, row, **options)


portals = Table(
    "portals",
    metadata,
    Column("member_id", String(64), primary_key=True),
    Column("endpoint", Text, nullable=False, server_default="", info=SEALED),
    # Host and port, to find a portal by. Nothing is sent there.
    Column("domain", String(255), nullable=False, server_default="", index=True),
    # A random word, another one after each installation.
    Column("installation", String(32), nullable=False, server_default=""),
    Column("application_token", Text, nullable=False, default="", info=SEALED),
    Column("status", String(16), nullable=False),
    Column("installed_by", Integer, nullable=False, default=0),
    Column("changed_at", BigInteger, nullable=False),
    # The ID of the latest record that the portal has named in an answer. Events do not change it.
    Column("newest_record", Integer, nullable=False, server_default="0"),
)

user_tokens = _portal_table(
    "user_tokens",
    Column("user_id", Integer, primary_key=True, autoincrement=False),
    Column("access_token", Text, nullable=False, info=SEALED),
    Column("refresh_token", Text, nullable=False, info=SEALED),
    Column("expires_at", BigInteger, nullable=False),
    # The address of the authorization server that issued the tokens.
    Column("server", Text, nullable=False, server_default="", info=SEALED),
    # The user's name, for colleagues who read the history.
    Column("name", Text, nullable=False, server_default="", info=SEALED),
    # The claim of the worker that is refreshing, and the time at which it expires.
    Column("lease", String(32), nullable=False, default=""),
    Column("lease_until", BigInteger, nullable=False, default=0),
)

changes = _portal_table(
    "changes",
    Column("id", Integer, primary_key=True),
    # Pages name a change by it. It counts within a portal, so it tells nothing of other portals.
    Column("number", Integer, nullable=False, server_default="0"),
    Column("record_id", Integer, nullable=False),
    Column("user_id", Integer, nullable=False),
    Column("before", Text, nullable=False),  # customer keys, comma-separated, in order
    Column("after", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False, index=True),
    Index("ix_changes_number", "member_id", "number"),
    Index("ix_changes_record", "member_id", "record_id", "id"),
    Index("ix_changes_user", "member_id", "user_id", "id"),
    key=False,
)

oauth_states = _portal_table(
    "oauth_states",
    Column("state", String(64), primary_key=True),  # a digest
    Column("browser", String(64), nullable=False),  # a digest of the cookie
    Column("expires_at", BigInteger, nullable=False),
    Index("ix_oauth_states_portal", "member_id", "expires_at"),
    key=False,
)

last_seen = _portal_table(
    "last_seen",
    Column("record_id", Integer, primary_key=True, autoincrement=False),
    Column("customer", String(32), primary_key=True),  # a key such as CONTACT:5
    Index("ix_last_seen_customer", "member_id", "customer"),
)

record_events = _portal_table(
    "record_events",
    Column("id", Integer, primary_key=True),
    # Pages remember the last one they have seen. In a portal it only grows.
    Column("number", Integer, nullable=False, server_default="0"),
    Column("record_id", Integer, nullable=False),
    # Whether the record has changed or is gone, or whether only an event says so.
    Column("kind", String(8), nullable=False, server_default="changed"),
    Column("happened_at", BigInteger, nullable=False, index=True),
    Index("ix_record_events_portal", "member_id", "number"),
    sqlite_autoincrement=True,
    key=False,
)

attempts = _portal_table(
    "attempts",
    Column("user_id", Integer, primary_key=True, autoincrement=False),
    Column("attempt", String(64), primary_key=True),  # a digest of the word in the form
    Column("fingerprint", String(64), nullable=False),  # a digest of that word and what was asked
    Column("made", String(32), nullable=False, default=""),  # 12 or CONTACT:5, once known
    Column("change_id", Integer),
    Column("newest", Integer, nullable=False),  # ID of the latest record known at the first claim
    Column("lease", String(32), nullable=False, default=""),
    Column("lease_until", BigInteger, nullable=False, default=0),
    Column("claimed_at", BigInteger, nullable=False, index=True),
    Column("asked_at", BigInteger, nullable=False, server_default="0"),
    Column("asked_tick", BigInteger, nullable=False, server_default="0"),
    Column("asked_host", String(36), nullable=False, server_default=""),
)

# Writes that a portal was asked for: the intent before, and what is not known of it afterwards.
writes = _portal_table(
    "writes",
    Column("id", Integer, primary_key=True),
    Column("record_id", Integer, nullable=False),
    Column("user_id", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("kind", String(16), nullable=False, default=""),
    # Customer keys, comma-separated, in order; digests of notes and of links.
    Column("before", Text, nullable=False, default=""),
    Column("after", Text, nullable=False, default=""),
    Column("seen", Text, nullable=False, default=""),  # customer keys at the last check
    Column("checks", Integer, nullable=False, default=0),
    Column("asked_at", BigInteger, nullable=False, default=0),
    Column("asked_tick", BigInteger, nullable=False, default=0),  # on the host's monotonic clock
    Column("asked_host", String(36), nullable=False, default=""),
    # A random word: the claim of a worker, and a part of the digests.
    Column("lease", String(32), nullable=False, default=""),
    Index("ix_writes_record", "member_id", "record_id"),
    key=False,
)

# Bookings that were made of records, and the records that came back from them.
bookings = _portal_table(
    "bookings",
    Column("booking_id", Integer, primary_key=True, autoincrement=False),
    Column("record_id", Integer, nullable=False),
    Column("user_id", Integer, nullable=False),
    Column("back_record", Integer, nullable=False, server_default="0"),
    Column("made_at", BigInteger, nullable=False, index=True),
    Index("ix_bookings_record", "member_id", "record_id"),
)

# Calls to the customers of records, and their results.
calls = _portal_table(
    "calls",
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("record_id", Integer, nullable=False),
    Column("user_id", Integer, nullable=False),
    Column("result", String(16), nullable=False),
    Column("callback_at", BigInteger, nullable=False, server_default="0"),
    Column("made_at", BigInteger, nullable=False, index=True),
    # Pages remember the last change that they have shown. In a portal it only grows.
    Column("changed", Integer, nullable=False),
    # The number of the call that has corrected this one, or its own if it was taken back.
    Column("hidden_by", Integer, nullable=False, server_default="0"),
    Index("ix_calls_record", "member_id", "record_id"),
    Index("ix_calls_changed", "member_id", "changed"),
    Index("ix_calls_portal", "member_id", "made_at"),
)

# Coming bookings as they were read last. One that is freed was booked then and is gone.
coming_bookings = _portal_table(
    "coming_bookings",
    Column("booking_id", Integer, primary_key=True, autoincrement=False),
    Column("resources", Text, nullable=False),  # IDs, comma-separated
    Column("start_at", BigInteger, nullable=False),
    Column("end_at", BigInteger, nullable=False, index=True),
    Column("zone", String(64), nullable=False, server_default=""),
    Column("freed", Boolean, nullable=False),
)

# The last scan of a portal's bookings, and the claim of the worker that scans now.
booking_scans = _portal_table(
    "booking_scans",
    Column("hints", Integer, nullable=False, server_default="0"),
    Column("hints_scanned", Integer, nullable=False, server_default="0"),
    Column("scanned_at", BigInteger, nullable=False, server_default="0"),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("lease", String(32), nullable=False, server_default=""),
    Column("lease_until", BigInteger, nullable=False, server_default="0"),
)

uninstalls = _portal_table(
    "uninstalls",
    Column("due_at", BigInteger, nullable=False),
    Column("delete_history", Boolean, nullable=False),
    Column("proven", Boolean, nullable=False),
)
