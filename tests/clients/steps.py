"""The data that the tests of other clients share."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox.portal.portal import Portal

PROGRAMS = Path(__file__).parent / "programs"
README = Path(__file__).parents[2] / "sandbox" / "README.md"

RECORDS = CONTACTS = 137

# What the reference page of booking.v1.waitlist.client.set stores.
CUSTOMERS = [
    {"id": 1, "type": {"code": "CONTACT", "module": "crm"}},
    {"id": 2, "type": {"code": "CONTACT", "module": "crm"}},
]

RECORD = 4

Program = Callable[..., Any]


def readable_contacts(portal: Portal) -> int:
    """Count the contacts in crm.contact.list for an administrator: category 0."""
    return sum(not item.fields.get("categoryId") for item in portal.state.contacts.values())


def passed_in_readme(suite: str) -> tuple[int, int]:
    """Return how many parts of a suite pass, and how many it has, as the README says."""
    row = re.search(rf"^\| {re.escape(suite)}[^|]*\| (\d+) of (\d+) \|", README.read_text(), re.M)
    assert row, suite
    return int(row[1]), int(row[2])
