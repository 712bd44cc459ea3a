"""Does one job with one client in its own process, and prints result and time."""

import json
import sys
import time
from typing import Any

from benchmarks import peers
from benchmarks.app_client import AppClient

OURS = "this app"


def main(name: str, job: str, task: dict[str, Any]) -> dict[str, Any]:
    if name == OURS:
        app = AppClient(task)
        began = time.perf_counter()
        result = getattr(app, job)()
        seconds = time.perf_counter() - began
        return {
            "result": result,
            "seconds": seconds,
            "background_requests": app.check_unverified(),
        }
    began = time.perf_counter()
    result = peers.do(name, job, task)
    return {
        "result": result,
        "seconds": time.perf_counter() - began,
        "background_requests": 0,
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))))
