"""Uninstallations that are not finished."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "uninstalls",
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("delete_history", sa.Boolean, nullable=False),
        sa.Column("proven", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("member_id", name="pk_uninstalls"),
        sa.ForeignKeyConstraint(["member_id"], ["portals.member_id"], ondelete="CASCADE"),
    )


def downgrade() -> None:
    op.drop_table("uninstalls")
