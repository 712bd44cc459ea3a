"""Runs each job of each client on a fresh portal of the sandbox."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.program import OURS
from sandbox import Sandbox
from sandbox.core.limits import LEAK_PER_SECOND, THRESHOLD
from sandbox.portal.portal import Portal

LATENCY = 0.08
SIZES = (49, 137, 1000)
RECORD, CONTACT, WORD = 4, 77, "anna"
MANY = 200
CLIENTS = (OURS, "b24pysdk", "fast_bitrix24", "requests")
MAX_REQUESTS = 500
"""More requests take minutes within the portal's limits; their time is estimated instead."""


@dataclass(frozen=True, slots=True)
class Run:
    """One job of one client. `result` and `expected` count what was read or written."""

    job: str
    client: str
    requests: int
    refused: int
    seconds: float
    result: list[int]
    expected: list[int]
    estimated: bool = False
    background_requests: int = 0

    @property
    def complete(self) -> bool:
        return self.result == self.expected


def run_jobs() -> Iterator[Run]:
    for size in SIZES:
        for client in CLIENTS:
            yield _run_board(size, client)
            if client not in (OURS, "requests"):
                yield _run_board(size, client, manual_paging=True)
    for job in ("save", "search"):
        for client in CLIENTS:
            yield run_job(job, job, client, 137)
    for client in CLIENTS:
        # One call at a time is three for each record.
        slow = client == "requests" and 3 * MANY > MAX_REQUESTS
        yield run_job(f"change of {MANY} records", "change", client, MANY + 20, estimated=slow)


def _run_board(size: int, client: str, *, manual_paging: bool = False) -> Run:
    title = f"main page, {size:,} records"
    slow = client == "requests" and size > MAX_REQUESTS
    return run_job(title, "board", client, size, manual_paging=manual_paging, estimated=slow)


def run_job(
    title: str,
    job: str,
    client: str,
    size: int,
    *,
    manual_paging: bool = False,
    estimated: bool = False,
) -> Run:
    """Run one job of one client.

    With `estimated`, the portal answers at once and without limits, and the time is the least that
    its limits would have allowed.
    """
    latency = 0.0 if estimated else LATENCY
    with Sandbox(
        port=0, installed=True, records=size, tls=True, limits=not estimated, latency=latency
    ) as sandbox:
        portal = sandbox.portals[0]
        many = list(portal.records)[:MANY]
        expected = {"board": _expected(portal), "change": [len(many)]}.get(job, [1])
        arguments = {
            "ca_file": str(sandbox.ca_file),
            "webhook_url": portal.tls_webhook_url,
            "client_endpoint": f"{portal.tls_url}/rest/",
            "token": portal.launch(1).access_token,
            "manual_paging": manual_paging,
            "record": RECORD,
            "before": [f"{kind}:{number}" for kind, number in portal.clients(RECORD)],
            "records": many,
            "contact": CONTACT,
            "word": WORD,
        }
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "benchmarks.program", client, job, json.dumps(arguments)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{client} could not do {title}:\n{done.stderr[-2000:]}")
        said = json.loads(done.stdout.splitlines()[-1])
        count = len(portal.requests) - said["background_requests"]
        refused = sum(request.status == 503 for request in portal.requests)
    seconds = max(count * LATENCY, (count - THRESHOLD) / LEAK_PER_SECOND)
    name = f"{client}, manual paging" if manual_paging else client
    took = seconds if estimated else said["seconds"]
    return Run(
        title,
        name,
        count,
        refused,
        took,
        said["result"],
        expected,
        estimated,
        said["background_requests"],
    )


def _expected(portal: Portal) -> list[int]:
    """Count a portal's records, the customers on them, and those with a name."""
    refs = [ref for number in portal.records for ref in portal.clients(number)]
    state = portal.state
    known = [
        id in (state.contacts if kind == "CONTACT" else state.companies) for kind, id in set(refs)
    ]
    return [len(portal.records), len(refs), sum(known)]
