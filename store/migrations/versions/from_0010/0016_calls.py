"""Calls to the customers of records, and their results."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("member_id", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("record_id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("result", sa.String(16), nullable=False),
        sa.Column("callback_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("changed", sa.Integer, nullable=False),
        sa.Column("hidden_by", sa.Integer, nullable=False, server_default="0"),
        sa.ForeignKeyConstraint(["member_id"], ["portals.member_id"], ondelete="CASCADE"),
    )
    op.create_index("ix_calls_record", "calls", ["member_id", "record_id"])
    op.create_index("ix_calls_changed", "calls", ["member_id", "changed"])
    op.create_index("ix_calls_portal", "calls", ["member_id", "made_at"])
    op.create_index("ix_calls_made_at", "calls", ["made_at"])


def downgrade() -> None:
    op.drop_table("calls")
