"""Coming bookings as they were read last, and the looks at them."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "coming_bookings",
        sa.Column("member_id", sa.String(64), primary_key=True),
        sa.Column("booking_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("resources", sa.Text, nullable=False),
        sa.Column("start_at", sa.BigInteger, nullable=False),
        sa.Column("end_at", sa.BigInteger, nullable=False),
        sa.Column("zone", sa.String(64), nullable=False, server_default=""),
        sa.Column("freed", sa.Boolean, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["portals.member_id"], ondelete="CASCADE"),
    )
    op.create_index("ix_coming_bookings_end_at", "coming_bookings", ["end_at"])
    op.create_table(
        "booking_looks",
        sa.Column("member_id", sa.String(64), primary_key=True),
        sa.Column("hints", sa.Integer, nullable=False, server_default="0"),
        sa.Column("heeded", sa.Integer, nullable=False, server_default="0"),
        sa.Column("looked_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("version", sa.Integer, nullable=False, server_default="0"),
        sa.Column("lease", sa.String(32), nullable=False, server_default=""),
        sa.Column("lease_until", sa.BigInteger, nullable=False, server_default="0"),
        sa.ForeignKeyConstraint(["member_id"], ["portals.member_id"], ondelete="CASCADE"),
    )


def downgrade() -> None:
    op.drop_table("booking_looks")
    op.drop_table("coming_bookings")
