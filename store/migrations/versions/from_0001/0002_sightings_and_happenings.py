"""Where customers were last seen, and which records have just changed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sightings",
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("record_id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("customer", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["portals.member_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("member_id", "record_id", "customer", name="pk_sightings"),
    )
    op.create_index("ix_sightings_customer", "sightings", ["member_id", "customer"])
    op.create_table(
        "happenings",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("record_id", sa.Integer, nullable=False),
        sa.Column("happened_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["portals.member_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_happenings"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_happenings_happened_at", "happenings", ["happened_at"])
    op.create_index("ix_happenings_portal", "happenings", ["member_id", "id"])


def downgrade() -> None:
    op.drop_table("happenings")
    op.drop_table("sightings")
