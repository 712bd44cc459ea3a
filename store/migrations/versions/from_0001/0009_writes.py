"""Writes that a portal was asked for, and when an attempt last asked it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "writes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("record_id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
        sa.Column("seen", sa.Text, nullable=False),
        sa.Column("looks", sa.Integer, nullable=False),
        sa.Column("asked_at", sa.BigInteger, nullable=False),
        sa.Column("asked_tick", sa.BigInteger, nullable=False),
        sa.Column("asked_host", sa.String(36), nullable=False),
        sa.Column("lease", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["portals.member_id"], ondelete="CASCADE"),
    )
    op.create_index("ix_writes_record", "writes", ["member_id", "record_id"])
    for name, kind in (("asked_at", sa.BigInteger), ("asked_tick", sa.BigInteger)):
        column = sa.Column(name, kind, nullable=False, server_default="0")
        op.add_column("attempts", column)
    op.add_column(
        "attempts", sa.Column("asked_host", sa.String(36), nullable=False, server_default="")
    )


def downgrade() -> None:
    for name in ("asked_host", "asked_tick", "asked_at"):
        op.drop_column("attempts", name)
    op.drop_table("writes")
