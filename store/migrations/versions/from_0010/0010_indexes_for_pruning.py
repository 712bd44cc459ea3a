"""Indexes to find what is old or too much."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_changes_made_at", "changes", ["made_at"])
    op.create_index("ix_oauth_states_portal", "oauth_states", ["member_id", "expires_at"])


def downgrade() -> None:
    op.drop_index("ix_oauth_states_portal", "oauth_states")
    op.drop_index("ix_changes_made_at", "changes")
