"""Does one job with one client in its own process, and prints result and time."""

import json
import sys
import time
from typing import Any

from benchmarks import peers
from benchmarks.app_client import AppClient

OURS = "this app"


def main(name: str, job: str, arguments: dict[str, Any]) -> dict[str, Any]:
    app = AppClient(arguments) if name == OURS else None
    began = time.perf_counter()
    result = getattr(app, job)() if app else peers.do_job(name, job, arguments)
    seconds = time.perf_counter() - began
    later = app.check_unverified() if app else 0
    return {"result": result, "seconds": seconds, "background_requests": later}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))))
