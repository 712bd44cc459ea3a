"""Steps that tests of the sandbox share."""

from __future__ import annotations

import subprocess
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


def error_of(body: dict[str, Any]) -> tuple[str, str]:
    """Return the code and the text of a refusal."""
    return body["error"], body["error_description"]


def run_sandbox(tmp_path: Path, port: int, *more: str) -> subprocess.CompletedProcess[str]:
    """Run the command until it ends by itself."""
    return subprocess.run(
        sandbox_command(tmp_path, port, *more),
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def sandbox_command(tmp_path: Path, port: int, *more: str) -> list[str]:
    data = str(tmp_path / "sandbox.json")
    return [sys.executable, "-m", "sandbox", "--port", str(port), "--data", data, *more]
