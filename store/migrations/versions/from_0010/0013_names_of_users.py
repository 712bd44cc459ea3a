"""Names of users, sealed like their tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    name = sa.Column("name", sa.Text, nullable=False, server_default="")
    op.add_column("user_tokens", name)


def downgrade() -> None:
    op.drop_column("user_tokens", "name")
