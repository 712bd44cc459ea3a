"""What is known of a record that an event has named."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = sa.Column("kind", sa.String(8), nullable=False, server_default="changed")
    op.add_column("record_events", kind)


def downgrade() -> None:
    op.drop_column("record_events", "kind")
