"""Numbers that pages show count within a portal."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("changes", "record_events"):
        number = sa.Column("number", sa.Integer, nullable=False, server_default="0")
        op.add_column(table, number)
        op.execute(sa.update(sa.table(table, sa.column("number"))).values(number=sa.column("id")))
    op.create_index("ix_changes_number", "changes", ["member_id", "number"])
    op.drop_index("ix_record_events_portal", "record_events")
    op.create_index("ix_record_events_portal", "record_events", ["member_id", "number"])


def downgrade() -> None:
    op.drop_index("ix_record_events_portal", "record_events")
    op.create_index("ix_record_events_portal", "record_events", ["member_id", "id"])
    op.drop_index("ix_changes_number", "changes")
    for table in ("changes", "record_events"):
        op.drop_column(table, "number")
