"""What has come of each attempt to make something."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attempts",
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("attempt", sa.String(64), nullable=False),
        sa.Column("wish", sa.String(64), nullable=False),
        sa.Column("made", sa.String(32), nullable=False),
        sa.Column("change_id", sa.Integer, nullable=True),
        sa.Column("newest", sa.Integer, nullable=False),
        sa.Column("lease", sa.String(32), nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.Column("claimed_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["portals.member_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("member_id", "user_id", "attempt", name="pk_attempts"),
    )
    op.create_index("ix_attempts_claimed_at", "attempts", ["claimed_at"])


def downgrade() -> None:
    op.drop_table("attempts")
