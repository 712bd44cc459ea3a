"""Workers that start together can share a new SQLite file."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from store.engine import open_engine


def journal_mode(path: Path) -> str:
    engine = open_engine(f"sqlite:///{path}")
    try:
        with engine.begin() as connection:
            return str(connection.execute(text("PRAGMA journal_mode")).scalar_one())
    finally:
        engine.dispose()


def test_a_worker_waits_while_another_creates_the_file(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as other,
        ThreadPoolExecutor() as threads,
    ):
        other.execute("BEGIN IMMEDIATE")
        opening = threads.submit(journal_mode, path)
        assert not wait([opening], timeout=0.3).done
        other.execute("COMMIT")
        assert opening.result() == "wal"


def test_a_file_that_is_no_database_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    path.write_text("a letter, not a database. " * 100)
    with pytest.raises(DatabaseError, match="not a database"):
        journal_mode(path)


@pytest.mark.parametrize("before", [None, 0o644, 0o666, 0o640])
def test_only_the_owner_may_read_the_database(tmp_path: Path, before: int | None) -> None:
    path = tmp_path / "folder" / "app.db"
    if before is not None:
        path.parent.mkdir()
        sqlite3.connect(path).close()
        path.touch()
        path.chmod(before)
    engine = open_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (c)"))
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    engine.dispose()
    assert modes == {"app.db": 0o600, "app.db-wal": 0o600, "app.db-shm": 0o600}
