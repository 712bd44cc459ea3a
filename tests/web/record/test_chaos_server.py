"""A real server is harmed while it saves. `make chaos` does it more often."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos import kills
from chaos.server import Server
from tests.postgres import PostgresServer, running_server

TIMES = 2
RESTARTS = 1
"""What takes seconds to start again."""
HARMS: dict[str, tuple[kills.Harm, int]] = {
    "a worker is killed": (Server.kill_worker, TIMES),
    "the master is killed": (Server.kill_master, RESTARTS),
    "the disk of the logs is full": (Server.fill_disk, TIMES),
    "the folder of the logs is gone": (Server.lock_logs, TIMES),
}


@pytest.mark.thorough
@pytest.mark.parametrize(("harm", "times"), HARMS.values(), ids=HARMS)
def test_what_was_told_is_so_when(tmp_path: Path, harm: kills.Harm, times: int) -> None:
    url = f"sqlite:///{tmp_path / 'app.db'}"
    figures = kills.run("SQLite", harm, url, tmp_path, times)
    assert figures.told_saved > 0
    assert figures.faults == 0, figures


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    """A server of its own: the restart cuts all connections."""
    with running_server() as server:
        yield server


@pytest.mark.postgresql
@pytest.mark.thorough
def test_what_was_told_is_so_when_the_database_restarts(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    restart = postgres.restart
    if restart is None:
        pytest.skip("a given server is not ours to restart")
    with postgres.database() as url:
        figures = kills.run("PostgreSQL", lambda _: restart(), url, tmp_path, RESTARTS)
    assert figures.told_saved > 0
    assert figures.faults == 0, figures
