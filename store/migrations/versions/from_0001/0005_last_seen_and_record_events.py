"""Name two tables after the stores that use them."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LAST_SEEN = {"customer": ["member_id", "customer"]}
RECORD_EVENTS = {"happened_at": ["happened_at"], "portal": ["member_id", "id"]}
"""The columns of each index, by the last part of its name."""


def upgrade() -> None:
    _rename("sightings", "last_seen", LAST_SEEN)
    _rename("happenings", "record_events", RECORD_EVENTS)


def downgrade() -> None:
    _rename("last_seen", "sightings", LAST_SEEN)
    _rename("record_events", "happenings", RECORD_EVENTS)


def _rename(old: str, new: str, indexes: dict[str, list[str]]) -> None:
    # SQLite cannot rename an index, so each one is dropped and created again.
    for suffix in indexes:
        op.drop_index(f"ix_{old}_{suffix}", old)
    op.rename_table(old, new)
    if op.get_context().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {new} RENAME CONSTRAINT pk_{old} TO pk_{new}")
    for suffix, columns in indexes.items():
        op.create_index(f"ix_{new}_{suffix}", new, columns)
