"""Bookings that were made of records, and the records that came back from them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bookings",
        sa.Column("member_id", sa.String(64), primary_key=True),
        sa.Column("booking_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("record_id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("back_record", sa.Integer, nullable=False, server_default="0"),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["portals.member_id"], ondelete="CASCADE"),
    )
    op.create_index("ix_bookings_record", "bookings", ["member_id", "record_id"])
    op.create_index("ix_bookings_made_at", "bookings", ["made_at"])


def downgrade() -> None:
    op.drop_table("bookings")
