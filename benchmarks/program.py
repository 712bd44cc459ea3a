"""One job with one client, in a process of its own: prints what was got, and in what time."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from benchmarks import peers
from benchmarks.ours import Ours

OURS = "this app"


def main(name: str, job: str, task: dict[str, Any]) -> dict[str, Any]:
    if name == OURS:
        ours = Ours(task)
        began = time.perf_counter()
        got = getattr(ours, job)()
        seconds = time.perf_counter() - began
        return {"got": got, "seconds": seconds, "afterwards": ours.afterwards()}
    began = time.perf_counter()
    got = peers.do(name, job, task)
    return {"got": got, "seconds": time.perf_counter() - began, "afterwards": 0}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))))
