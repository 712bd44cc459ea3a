"""The flows of the official SDKs' own tests, and their wrappers."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.portal.portal import Portal
from tests.clients.steps import Program, passed_in_readme

# The SDK refuses all but a datetime, which it then cannot write as JSON; nothing is sent.
PY_FAILS = {"activity.todo.add": "TypeError: Object of type datetime is not JSON serializable"}
# The sandbox simulates no tasks.
JS_FAILS = {
    "call: tasks.task.get of a task",
    "call: tasks.task.get of an invalid id",
    "call: tasks.task.get of an absent task",
}


def passed(done: dict[str, str]) -> set[str]:
    return {name for name, outcome in done.items() if outcome == "ok"}


@pytest.mark.parametrize(("scope", "count"), [("booking", 38), ("crm", 30)])
def test_b24pysdks_wrappers_are_answered(
    portal: Portal, program: Program, scope: str, count: int
) -> None:
    webhook = f"1/{portal.state.webhook}"
    task: dict[str, Any] = {"domain": portal.tls_domain, "webhook": webhook, "scope": scope}
    done = program("with_b24pysdk_wrappers.py", **task)
    failed = {name: outcome for name, outcome in done.items() if outcome != "ok"}
    assert failed == (PY_FAILS if scope == "crm" else {})
    assert passed_in_readme(f"b24pysdk, {scope}") == (len(passed(done)), len(done))
    assert len(done) == count


def test_the_js_sdks_v2_tests_pass_but_for_those_of_tasks(portal: Portal, program: Program) -> None:
    # A company of the last six months whose name begins with A, as the suite expects one.
    added = {"entityTypeId": 4, "fields": {"title": "Atelier Nova"}}
    requests.post(f"{portal.webhook_url}crm.item.add", json=added, timeout=30)
    ids = {"contact": 1, "deal": 1, "first": 1, "last": len(portal.state.companies) - 1}
    done = program("v2_suite.mjs", webhook_url=portal.tls_webhook_url, **ids)
    assert set(done) - passed(done) == JS_FAILS, done
    assert passed_in_readme("b24jssdk") == (len(passed(done)), len(done))
