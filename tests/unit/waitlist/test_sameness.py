"""What counts as the same number, name or e-mail: on the server, and in the page's script."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from waitlist.customers.query import Query
from waitlist.models import Customer, CustomerRef, Kind, Record
from web.presenters.record_row import RecordRow, record_row

ROOT = Path(__file__).parents[3]
CASES = json.loads((ROOT / "tests" / "sameness.json").read_text())
SCRIPT = """
import { matcher } from './static/js/core/text-match.js';
let text = '';
for await (const part of process.stdin) text += part;
const found = JSON.parse(text).map(([typed, row]) => matcher(typed)(row));
console.log(JSON.stringify(found));
"""
REF = CustomerRef(Kind.CONTACT, 5)


def customer(kind: str, stored: str) -> Customer:
    """A customer with this name, phone or e-mail."""
    name = stored if kind == "names" else "Somebody"
    phones = (stored,) if kind == "phones" else ()
    emails = (stored,) if kind == "emails" else ()
    return Customer(REF, name, phones, emails)


ALL = [(kind, *case) for kind, cases in CASES.items() for case in cases]


@pytest.mark.parametrize(("kind", "typed", "stored", "same"), ALL)
def test_the_server_finds_what_is_the_same(kind: str, typed: str, stored: str, same: bool) -> None:
    query = Query.parse(typed)
    assert (query.rank(customer(kind, stored)) is not None) is same, query


def row_of(kind: str, stored: str) -> RecordRow:
    return record_row(Record(7, customers=(REF,)), {REF: customer(kind, stored)})


def test_the_page_finds_what_is_the_same() -> None:
    with Flask(__name__).test_request_context():
        rows = [row_of(kind, stored) for kind, _, stored, _ in ALL]
    tried = [
        [case[1], {"text": row.search, "phones": row.phones}]
        for case, row in zip(ALL, rows, strict=True)
    ]
    done = subprocess.run(
        [Path(sys.executable).with_name("node"), "--input-type=module", "-e", SCRIPT],
        input=json.dumps(tried),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found = zip(ALL, tried, json.loads(done.stdout), strict=True)
    assert [(case, row) for case, (_, row), it in found if it is not case[3]] == []
