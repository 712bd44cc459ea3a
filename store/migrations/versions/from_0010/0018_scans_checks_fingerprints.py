"""Name a table and some columns as the code names them."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

OLD, NEW = "booking_looks", "booking_scans"
COLUMNS = (
    (NEW, "heeded", "hints_scanned"),
    (NEW, "looked_at", "scanned_at"),
    ("writes", "looks", "checks"),
    ("attempts", "wish", "fingerprint"),
)
"""Each with its table, its old name and its new one."""


def upgrade() -> None:
    _rename_table(OLD, NEW)
    for table, old, new in COLUMNS:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")


def downgrade() -> None:
    for table, old, new in COLUMNS:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {new} TO {old}")
    _rename_table(NEW, OLD)


def _rename_table(old: str, new: str) -> None:
    op.rename_table(old, new)
    if op.get_context().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {new} RENAME CONSTRAINT pk_{old} TO pk_{new}")
