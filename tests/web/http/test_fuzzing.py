"""Whatever a stranger sends, each route answers soon and goes on working.

`FUZZ_EXAMPLES=200 pytest tests/web/http/test_fuzzing.py` looks for longer, and each time elsewhere.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.routing import Rule

from app import MAX_FORM_BYTES
from tests.cast import Cast, Person
from tests.web.http.steps import is_within

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "3"))
"""Requests of each route, method and caller."""
LONGEST_HEADER = 8_000
"""gunicorn refuses longer ones."""
_FIELDS = """
    note base_note theirs_note seen_note customer base theirs seen record until choice attempt
    change picked company q session new_kind new_email new_phone new_lastName new_name new_attempt
    made reading DOMAIN PROTOCOL LANG APP_SID AUTH_ID AUTH_EXPIRES REFRESH_ID SERVER_ENDPOINT
    APPLICATION_TOKEN member_id PLACEMENT PLACEMENT_OPTIONS event ts data[ID] data[CLEAN]
    auth[member_id] auth[application_token] auth[access_token] auth[domain] code state domain
    server_domain lang launched_again deal contact
    """
FIELDS = _FIELDS.split()
HEADERS = (
    "X-Frame-Session",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "Accept-Language",
    "Cookie",
    "Referer",
    "Range",
    "If-None-Match",
    "Content-Encoding",
)
TYPES = (
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "application/json",
    "text/plain; charset=utf-16",
    "",
)
_LIKELY = """
    CONTACT:1 COMPANY:2 CONTACT:0 DEAL:1 1 0 -1 2147483647 9223372036854775808 mine both Y null
    ONAPPUNINSTALL ONAPPUPDATE ONBOOKINGWAITLISTITEMUPDATE CRM_DEAL_DETAIL_TAB {"ID":"1"} [] de
    127.0.0.1 example.com:443 https://oauth.bitrix.info
    """
LIKELY = _LIKELY.split()
PIECES = st.sampled_from(
    ["a.", "a@", "1 ", "\n", "[", "(", "{", "\\", "%", "\0", "é", "a\u0301\u0323", "\u202e", "😀"]
)

words = st.one_of(st.text(max_size=40), st.sampled_from(LIKELY), st.binary(max_size=40))
long_words = st.builds(lambda piece, times: piece * times, PIECES, st.integers(1, 60_000))
texts = st.one_of(words, words, long_words)
names = st.one_of(st.sampled_from(FIELDS), st.text(max_size=20))
forms = st.dictionaries(names, st.lists(texts, max_size=3), max_size=8)


def header_value(value: str | bytes) -> str:
    """Return what may be in a header: a server lets no line breaks through."""
    text = value.decode("latin-1") if isinstance(value, bytes) else quote(value, safe=" /:;,=?\"'")
    return "".join(sign for sign in text if sign.isprintable())[:LONGEST_HEADER]


headers = st.dictionaries(st.sampled_from(HEADERS), texts.map(header_value), max_size=4)
likely_parts = st.sampled_from([*LIKELY, "..", "9" * 400])
path_parts = st.one_of(likely_parts, st.text(min_size=1, max_size=30))


@dataclass(frozen=True)
class Hostile:
    """A request. Its `body` is in place of the form unless it is None."""

    form: Mapping[str, Any]
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: bytes | None
    content_type: str
    part: str


hostile = st.builds(
    Hostile,
    form=forms,
    query=st.dictionaries(st.sampled_from(FIELDS), words, max_size=3),
    headers=headers,
    body=st.one_of(st.none(), st.none(), st.binary(max_size=2_000)),
    content_type=st.sampled_from(TYPES),
    part=path_parts,
)
addresses = itertools.count()


def send(person: Person, rule: Rule, method: str, request: Hostile) -> int:
    """Send from a new address, as those of earlier requests may be throttled."""
    arguments = {name: quote(request.part, safe="") for name in rule.arguments}
    if "record_id" in arguments and request.part not in LIKELY:
        arguments["record_id"] = "1"
    path = rule.rule.replace("<int:", "<").replace("<path:", "<")
    for name, value in arguments.items():
        path = path.replace(f"<{name}>", value)
    number = next(addresses)
    raw = {"data": request.body, "content_type": request.content_type}
    answer = person.client.open(
        path,
        method=method,
        query_string=request.query,
        headers={"X-Frame-Session": person.session, **request.headers},
        environ_base={"REMOTE_ADDR": f"198.51.{number // 250 % 250}.{number % 250}"},
        **({"data": form_of(request.form)} if request.body is None else raw),
    )
    assert answer.get_data() is not None
    assert "Content-Security-Policy" in answer.headers
    answer.close()
    return answer.status_code


def form_of(form: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the form in the size that the app reads."""
    fields: dict[str, list[str]] = {}
    left = MAX_FORM_BYTES
    for name, values in form.items():
        for value in values:
            text = value.decode("latin-1") if isinstance(value, bytes) else value
            text = text.encode("utf-8", "replace").decode()
            left -= len(quote(name + text)) + 2
            if left > 0:
                fields.setdefault(name, []).append(text)
    return fields


def fuzz(check: Callable[[Hostile], None]) -> None:
    """Call `check` with hostile requests."""
    tried = settings(
        max_examples=EXAMPLES,
        derandomize="FUZZ_EXAMPLES" not in os.environ,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    tried(given(hostile)(check))()


def check_of(person: Person, rule: Rule, method: str, budget: float) -> Callable[[Hostile], None]:
    def check(request: Hostile) -> None:
        statuses: list[int] = []
        assert is_within(budget, lambda: statuses.append(send(person, rule, method, request)))
        assert statuses[0] < 500 or statuses[0] in {502, 503}

    return check


@pytest.mark.records(3)
@pytest.mark.parametrize("caller", ["stranger", "regular_user"])
def test_every_route_answers_in_bounded_time(
    app: Flask, installed: Cast, caller: str, budget: float
) -> None:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            fuzz(check_of(getattr(installed, caller), rule, method, budget))
    assert installed.administrator.open().status_code == 200
