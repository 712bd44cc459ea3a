"""INSERT … ON CONFLICT: SQLite and PostgreSQL spell it alike, SQLAlchemy keeps one for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from sqlalchemy import Engine, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_for(engine: Engine) -> Callable[[Table], postgresql.Insert]:
    """The INSERT of this database that knows `on_conflict_do_update`."""
    if engine.dialect.name == "postgresql":
        return postgresql.insert
    return cast(Callable[[Table], postgresql.Insert], sqlite.insert)
