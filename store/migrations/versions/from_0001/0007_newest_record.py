"""The ID of the latest record that a portal has named in an answer."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("newest_record", sa.Integer, nullable=False, server_default="0")
    op.add_column("portals", column)


def downgrade() -> None:
    op.drop_column("portals", "newest_record")
