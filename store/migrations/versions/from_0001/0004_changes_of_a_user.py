"""An index for the latest changes of a user."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_changes_user", "changes", ["member_id", "user_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_changes_user", "changes")
