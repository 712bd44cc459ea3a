"""A sandbox with https, and programs that use other REST clients."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.portal.portal import Portal
from tests.clients.steps import (
    CONTACTS,
    PROGRAMS,
    RECORDS,
    Program,
)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(
        port=0, installed=True, records=RECORDS, contacts=CONTACTS, event_delay=0, tls=True
    ) as running:
        yield running


@pytest.fixture
def portal(sandbox: Sandbox) -> Portal:
    return sandbox.portals[0]


@pytest.fixture
def program(sandbox: Sandbox) -> Program:
    """`program("b24pysdk.py", record=4)` runs a program and returns its JSON."""
    ca_file = str(sandbox.ca_file)
    trust = dict.fromkeys(("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"), ca_file)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}

    def running(name: str, **task: Any) -> Any:
        runner = sys.executable if name.endswith(".py") else _node()
        done = subprocess.run(
            [runner, str(PROGRAMS / name), json.dumps(task)],
            env={**kept, **trust},
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return running


def _node() -> str:
    """Return the node that a wheel has installed beside this Python."""
    found = shutil.which("node", path=str(Path(sys.executable).parent))
    assert found
    return found
