"""The endpoints for the operator wait for no writer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import text

from web.services import services_of

WRITES = {
    "a lock": "UPDATE portals SET changed_at = changed_at WHERE 0",
    "a new row": "INSERT INTO portals (member_id, application_token, status, installed_by,"
    " changed_at) VALUES ('m', '', 'opened', 0, 0)",
    "many deletions": "DELETE FROM record_events",
}


@pytest.mark.parametrize("statement", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("path", ["/readyz", "/healthz"])
def test_health_is_answered_while_another_transaction_writes(
    app: Flask, path: str, statement: str
) -> None:
    with ThreadPoolExecutor() as threads, services_of(app).engine.begin() as connection:
        connection.execute(text(statement))
        answer = threads.submit(lambda: app.test_client().get(path))
        assert answer.result(timeout=10).status_code == 200
