"""How gunicorn runs the app. It reads this file by itself."""

import resource
from typing import Any

# More than one thread selects gunicorn's threaded worker. A request that waits for a portal does
# not block the others, and its worker is not taken for a hanging one and killed.
# docs/decisions/0010-isolation.md
threads = 128
graceful_timeout = 60


def post_worker_init(worker: Any) -> None:
    """Tell the app how many threads it really has: `--threads` may say otherwise."""
    from web.services import EXTENSION

    if shared := worker.wsgi.extensions.get(EXTENSION):
        shared.limits.bulkhead.threads = worker.cfg.threads


# Each portal that was called in the last minute has an open connection, and the soft limit of most
# systems is 1024 files. See bitrix24/http/pooling.py.
OPEN_FILES = 8192
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
if soft != resource.RLIM_INFINITY and soft < OPEN_FILES:
    most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
