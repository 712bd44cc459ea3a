"""Steps that tests of a record share."""

from __future__ import annotations

import re

from sandbox.portal.portal import Portal

ATTEMPT = re.compile(r'name="(?:new_)?attempt"[^>]* value="([^"]*)"')


def attempt_in(page: str) -> str:
    attempts_in_it: set[str] = set(ATTEMPT.findall(page))
    assert len(attempts_in_it) == 1
    return attempts_in_it.pop()


def named(portal: Portal, title: str) -> list[int]:
    return [number for number, item in portal.state.contacts.items() if item.title == title]
