"""Deletes many rows in short transactions: others wait while one writes."""

from collections.abc import Collection, Iterator

from sqlalchemy import ColumnElement, Engine, Select, Table, delete, select, tuple_

from store.engine import for_reading
from store.schema import metadata

ROWS_AT_ONCE = 500


def delete_stepwise(
    engine: Engine, table: Table, *conditions: ColumnElement[bool]
) -> Iterator[int]:
    """Delete the rows that meet the conditions, and yield the number of each step.

    Rows are looked for without a lock. Without any, nothing is written.
    """
    key = tuple(table.primary_key.columns)
    query = select(*key).where(*conditions).limit(ROWS_AT_ONCE)
    while True:
        with for_reading(engine).begin() as connection:
            found = [tuple(row) for row in connection.execute(query)]
        if not found:
            return
        # A row may have been renewed since it was found.
        statement = delete(table).where(tuple_(*key).in_(found), *conditions)
        with engine.begin() as connection:
            deleted = connection.execute(statement).rowcount
        yield deleted


def delete_all(engine: Engine, table: Table, *conditions: ColumnElement[bool]) -> int:
    """Delete the rows that meet the conditions, and return their number."""
    return sum(delete_stepwise(engine, table, *conditions))


def delete_rows_of(engine: Engine, portals: Select[str], but: Collection[Table]) -> None:
    """Delete the rows of these portals in all tables `but` some."""
    for table in metadata.sorted_tables:
        if table not in but:
            delete_all(engine, table, table.c.member_id.in_(portals))
