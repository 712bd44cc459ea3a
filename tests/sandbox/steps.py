"""Steps that tests of the sandbox share."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Answer = tuple[int, dict[str, Any]]

Caller = Callable[..., Answer]


def contact(number: int) -> dict[str, Any]:
    return {"id": number, "type": {"module": "crm", "code": "CONTACT"}}


def company(number: int) -> dict[str, Any]:
    return {"id": number, "type": {"module": "crm", "code": "COMPANY"}}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def sandbox_command(tmp_path: Path, port: int, *more: str) -> list[str]:
    data = str(tmp_path / "sandbox.json")
    return [sys.executable, "-m", "sandbox", "--port", str(port), "--data", data, *more]
