"""Seal addresses that get tokens with their row, and give installations a name."""

import secrets
from typing import Any

import sqlalchemy as sa
from alembic import context, op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

portals = sa.table(
    "portals",
    *(sa.column(name) for name in ("member_id", "client_endpoint", "endpoint", "domain")),
    sa.column("installation"),
)
user_tokens = sa.table(
    "user_tokens", *(sa.column(name) for name in ("member_id", "user_id", "oauth_url", "server"))
)


def upgrade() -> None:
    for name, kind in (("endpoint", sa.Text), ("domain", sa.String(255))):
        op.add_column("portals", sa.Column(name, kind, nullable=False, server_default=""))
    word = sa.Column("installation", sa.String(32), nullable=False, server_default="")
    op.add_column("portals", word)
    op.add_column("user_tokens", sa.Column("server", sa.Text, nullable=False, server_default=""))
    connection, vault = op.get_bind(), context.config.attributes["vault"]
    for row in connection.execute(sa.select(portals)).all():
        connection.execute(
            portals.update()
            .where(portals.c.member_id == row.member_id)
            .values(
                endpoint=vault.seal(row.client_endpoint, _endpoint_context(row)),
                domain=row.client_endpoint.partition("://")[2].partition("/")[0],
                installation=secrets.token_hex(16),
            )
        )
    for row in connection.execute(sa.select(user_tokens)).all():
        sealed = vault.seal(row.oauth_url, _server_context(row))
        connection.execute(user_tokens.update().where(*_is(row)).values(server=sealed))
    op.drop_column("portals", "client_endpoint")
    op.drop_column("user_tokens", "oauth_url")
    op.create_index("ix_portals_domain", "portals", ["domain"])


def downgrade() -> None:
    for table, name in (("portals", "client_endpoint"), ("user_tokens", "oauth_url")):
        op.add_column(table, sa.Column(name, sa.String(255), nullable=False, server_default=""))
    connection, vault = op.get_bind(), context.config.attributes["vault"]
    for row in connection.execute(sa.select(portals)).all():
        address = vault.open(row.endpoint, _endpoint_context(row))
        here = portals.c.member_id == row.member_id
        connection.execute(portals.update().where(here).values(client_endpoint=address))
    for row in connection.execute(sa.select(user_tokens)).all():
        address = vault.open(row.server, _server_context(row))
        connection.execute(user_tokens.update().where(*_is(row)).values(oauth_url=address))
    op.drop_index("ix_portals_domain", "portals")
    for name in ("endpoint", "domain", "installation"):
        op.drop_column("portals", name)
    op.drop_column("user_tokens", "server")


def _endpoint_context(row: sa.Row[Any]) -> str:
    return f"portals/{row.member_id}/endpoint"


def _server_context(row: sa.Row[Any]) -> str:
    return f"user_tokens/{row.member_id}/{row.user_id}/server"


def _is(row: sa.Row[Any]) -> tuple[sa.ColumnElement[bool], ...]:
    table = user_tokens.c
    return table.member_id == row.member_id, table.user_id == row.user_id
