"""Seals every stored secret again with the first key. Older keys can then be retired."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Column, Engine, Table, and_, select, tuple_, update

from store.engine import for_reading
from store.schema import metadata, portals
from store.vault import SealError, Vault

ROWS_AT_ONCE = 500


@dataclass(slots=True)
class Rotation:
    """The number of values that were sealed again, and of those that no key opens."""

    resealed: int = 0
    unreadable: int = 0


def rotate_keys(engine: Engine, vault: Vault) -> Rotation:
    """Seal again with the first key what an older key has sealed.

    It may run while the app serves requests: it locks nothing and skips values that change
    meanwhile."""
    rotation = Rotation()
    for table, column in _sealed_columns():
        for key, sealed in _values(engine, table, column):
            try:
                fresh = vault.reseal(sealed)
            except SealError:
                rotation.unreadable += 1
                continue
            if fresh is not None:
                statement = update(table).where(_is(table, key), column == sealed)
                with engine.begin() as connection:
                    done = connection.execute(statement.values({column: fresh}))
                rotation.resealed += done.rowcount
    return rotation


def count_unreadable(engine: Engine, vault: Vault, most: int | None = None) -> int:
    """Count the portals whose address none of the keys opens, among `most` of them."""
    addresses = _values(engine, portals, portals.c.endpoint)
    return sum(
        not vault.open_if_possible(sealed, f"portals/{member_id}/endpoint")
        for (member_id,), sealed in islice(addresses, most)
    )


def _sealed_columns() -> Iterator[tuple[Table, Column[Any]]]:
    for table in metadata.sorted_tables:
        yield from ((table, column) for column in table.columns if column.info.get("sealed"))


def _values(
    engine: Engine, table: Table, column: Column[Any]
) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Yield each row's primary key and sealed value. No transaction stays open in between."""
    order = tuple(table.primary_key.columns)
    query = select(*order, column).where(column != "").order_by(*order).limit(ROWS_AT_ONCE)
    after: tuple[Any, ...] = ()
    while True:
        page = query.where(tuple_(*order) > after) if after else query
        with for_reading(engine).begin() as connection:
            rows = connection.execute(page).all()
        for row in rows:
            *key, sealed = row
            after = tuple(key)
            yield after, sealed
        if len(rows) < ROWS_AT_ONCE:
            return


def _is(table: Table, key: tuple[Any, ...]) -> Any:
    columns = table.primary_key.columns
    return and_(*(column == value for column, value in zip(columns, key, strict=True)))
