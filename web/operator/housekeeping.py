"""Deletes what is due: when a worker starts, and after a request once an hour.

So the app needs neither a thread for it nor a cron job. The answer has been sent by then.
"""

import logging
import time
from collections import Counter
from functools import partial
from itertools import islice
from threading import Lock

from flask import Flask, Response, request
from sqlalchemy.exc import SQLAlchemyError

from web.services import Services, services, services_of

PAUSE = 3600
"""Seconds between two runs of a worker."""
SHORT_PAUSE = 60
"""Seconds until the next run when something is left."""
MOST_STEPS = 50
"""Transactions of one run, so that it does not keep a thread for long."""
NOT_FOR = frozenset({"health.alive", "health.ready", "health.metrics"})
"""Endpoints whose speed is watched."""

log = logging.getLogger(__name__)


class Schedule:
    """When a worker is to delete again. Only one of its threads does."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._due_at = 0.0

    def take(self) -> bool:
        """Return whether it is due, and wait for the next time."""
        with self._lock:
            if time.time() < self._due_at:
                return False
            self._due_at = time.time() + PAUSE
            return True

    def hurry(self) -> None:
        """Continue soon, because something is left."""
        self._due_at = time.time() + SHORT_PAUSE


def delete_due(shared: Services, *, may_ask: bool, most: int | None = None) -> Counter[str]:
    """Delete what is due, in `most` transactions, and count the rows of each table.

    `may_ask` also tries to prove uninstalls, which costs requests. Raises SQLAlchemyError, OSError.
    """
    shared.lifecycle.finish_uninstalls(may_ask=may_ask)
    deleted = Counter[str]()
    for table, rows in islice(shared.retention.prune(), most):
        deleted[table] += rows
    for prune in (shared.journal.prune, shared.security_log.prune, shared.limits.bucket.prune):
        prune()
    return deleted


def init_app(app: Flask) -> None:
    """Delete what is due now, and after later requests."""
    schedule = Schedule()

    def run(shared: Services, *, may_ask: bool) -> None:
        try:
            deleted = delete_due(shared, may_ask=may_ask, most=MOST_STEPS)
        except (SQLAlchemyError, OSError) as error:
            log.error("what is due could not be deleted: %s", type(error).__name__)
            return
        if deleted.total() >= MOST_STEPS:
            schedule.hurry()

    def run_after(response: Response) -> Response:
        if request.endpoint not in NOT_FOR and schedule.take():
            response.call_on_close(partial(run, services(), may_ask=True))
        return response

    app.after_request(run_after)
    schedule.take()
    run(services_of(app), may_ask=False)
