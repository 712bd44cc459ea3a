"""Odd values in any field of any route are refused or ignored."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote_from_bytes, urlencode

import pytest
from flask import Request
from werkzeug.datastructures import ImmutableMultiDict

from tests.cast import Cast
from tests.web.routes import SESSION_ROUTES
from tests.web.steps import portal_event

ODD: dict[str, str | bytes] = {
    "a long number": "1" * 400,
    "a negative number": "-1",
    "digits of another script": "\u0661\u00b2",
    "a power": "1e400",
    "NUL": "a\0b",
    "half of a pair": "\ud83d",
    "the other half": "\udc00x",
    "bytes that are no UTF-8": b"\xff\xc0\x80\xed\xa0\x80",
    "a key of no customer": "CONTACT:" + "9" * 400,
    "a key with NUL": "CONTACT:\0",
    "brackets": "{'a': [1]}",
    "line breaks": "\r\n\u2028\x85",
}
NUMBERS = ("record", "change", "until", "deal", "on", "picked", "shown")
CUSTOMERS = ("customer", "base", "theirs", "seen", "person", "all", "company")
TEXTS = ("note", "base_note", "theirs_note", "seen_note", "choice", "made", "linked", "q")
NEW = ("new_kind", "new_name", "new_lastName", "new_phone", "new_email", "new_attempt", "attempt")
FIELDS = (*NUMBERS, *CUSTOMERS, *TEXTS, *NEW)
READ = set[str]()
"""The fields of the last form that the app has looked at: the others cannot matter."""
UNREAD = set[tuple[str, tuple[str, ...]]]()
"""The routes that look at none of these fields, where the form has no others."""


class NotingForm(ImmutableMultiDict[str, str]):
    """A form that notes which fields are read."""

    def __getitem__(self, name: str) -> str:
        READ.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        READ.add(str(name))
        return super().__contains__(name)

    def getlist(self, key: str, type: Any = None) -> list[Any]:
        READ.add(key)
        return super().getlist(key, type)

    def items(self, multi: bool = False) -> Any:
        READ.update(FIELDS)
        return super().items(multi)


@pytest.fixture
def _noting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Request, "parameter_storage_class", NotingForm)


def encoded(value: str | bytes) -> str:
    """Return a value as a browser or an attacker sends it in a form."""
    raw = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
    return quote_from_bytes(raw, safe="")


def statuses(cast: Cast, path: str, forms: list[dict[str, str]]) -> list[int]:
    READ.clear()
    user = cast.regular_user
    headers = {"X-Frame-Session": user.session}
    kind = "application/x-www-form-urlencoded"
    bodies = ("&".join(f"{name}={value}" for name, value in form.items()) for form in forms)
    return [
        user.client.post(path, data=body, content_type=kind, headers=headers).status_code
        for body in bodies
    ]


@pytest.mark.records(3)
@pytest.mark.usefixtures("_noting")
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_a_form_of_odd_values_is_no_error_of_the_app(installed: Cast, odd: str | bytes) -> None:
    for path in sorted(SESSION_ROUTES):
        for group in (NUMBERS, CUSTOMERS, TEXTS, NEW, FIELDS):
            if (path, group) in UNREAD:
                continue
            (status,) = statuses(installed, path, [dict.fromkeys(group, encoded(odd))])
            assert status < 500, (path, group)
            if READ.isdisjoint(group):
                UNREAD.add((path, group))


SOUND = {
    **dict.fromkeys(("record", "change", "deal", "on"), "1"),
    **dict.fromkeys(("customer", "base", "seen", "all"), "CONTACT%3A1"),
    **{"new_lastName": "Rossi", "new_kind": "CONTACT", "shown": "1+CONTACT%3A1", "until": "0"},
}


@pytest.mark.records(3)
@pytest.mark.usefixtures("_noting")
@pytest.mark.parametrize("field", FIELDS)
def test_one_odd_value_among_sound_ones_is_no_error_of_the_app(installed: Cast, field: str) -> None:
    forms = [SOUND | {field: encoded(odd)} for odd in ODD.values()]
    records = ("/records/1/save", "/records/1/undo", "/records/new/save", "/customers/create")
    others = ("/card/undo", "/card/deal/undo", "/card/deal/put", "/records/verify")
    for path in (*records, *others):
        for form in forms if path in records else forms[:8]:
            (status,) = statuses(installed, path, [form])
            assert status < 500, path
            if field not in READ:
                break


LAUNCH = ("AUTH_ID", "REFRESH_ID", "member_id", "DOMAIN", "LANG", "PLACEMENT", "SERVER_ENDPOINT")
OPTIONS = [
    '{"ID": 1%s}' % ("0" * 4000),
    '{"ID": "\\ud83d"}',
    '{"ID": 1e400}',
    "[" * 5000,
    '"\\ud83d"',
]


@pytest.mark.records(3)
@pytest.mark.parametrize("path", ["/", "/install", "/session", "/card/contact", "/card/deal"])
def test_a_launch_with_an_odd_value_is_no_error_of_the_app(installed: Cast, path: str) -> None:
    user = installed.regular_user
    fields = {**user.launch().body, "DOMAIN": installed.portal.domain}
    sound = {name: encoded(value) for name, value in fields.items()}
    forms = [
        sound | {name: encoded(odd)}
        for name in (*LAUNCH, "APPLICATION_TOKEN", "launched_again")
        for odd in ODD.values()
    ]
    forms += [sound | {"PLACEMENT_OPTIONS": encoded(text)} for text in OPTIONS]
    assert {one for one in statuses(installed, path, forms) if one >= 500} == set()


@pytest.mark.records(3)
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_other_routes_take_odd_values(installed: Cast, odd: str | bytes) -> None:
    client, value = installed.stranger.client, encoded(odd)
    event = urlencode(portal_event(installed, "ONBOOKINGWAITLISTITEMUPDATE"))
    keys = ("data[ID]", "ts", "event", "auth[member_id]", "auth[application_token]")
    bodies = [f"{event}&{key}={value}" for key in keys] + [f"{key}={value}" for key in keys]
    kind = "application/x-www-form-urlencoded"
    answers = [client.post("/events", data=body, content_type=kind) for body in bodies]
    for path in ("/legal/privacy?lang=", "/oauth/start?domain=", "/oauth/callback?code=x&state="):
        answers.append(client.get(path + value))
    for path in ("/records/", "/static/", "/"):
        answers.append(client.get(path + value))
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []


@pytest.mark.parametrize(
    "header", ["X-Frame-Session", "Accept-Language", "X-Forwarded-For", "Cookie", "If-None-Match"]
)
def test_odd_headers_are_no_error_of_the_app(installed: Cast, header: str) -> None:
    for odd in (
        "\xff\xe9",
        "a" * 5000,
        "1" * 400,
        "\u00b2",
        "{}",
        '"',
        ";=,",
        "waitlist_state=\xe9",
    ):
        for path in ("/records/1", "/", "/oauth/callback?code=x&state=y"):
            verb = installed.stranger.client.get if "?" in path else installed.stranger.client.post
            assert verb(path, headers={header: odd}).status_code < 500


WORD = "w" * 24


def test_the_word_of_another_form_is_refused(installed: Cast) -> None:
    user, customers = installed.administrator, len(installed.portal.state.contacts)
    person = {"new_kind": "CONTACT", "new_lastName": "Neu", "new_attempt": WORD}
    record = {"note": "New", "attempt": WORD}
    assert user.post("/customers/create", person).status_code == 200
    records = len(installed.portal.records)
    for path, more in (("/records/new/save", {}), ("/card/create", {"customer": "CONTACT:1"})):
        answer = user.post(path, {**record, **more})
        assert (answer.status_code, "Reload the page" in answer.text) == (400, True)
    assert len(installed.portal.records) == records
    assert user.post("/records/new/save", {**record, "attempt": "v" * 24}).status_code == 200
    swapped = user.post("/customers/create", {**person, "new_attempt": "v" * 24})
    assert swapped.status_code == 400
    assert len(installed.portal.state.contacts) == customers + 1


def test_tokens_in_an_address_are_not_believed(installed: Cast) -> None:
    user = installed.regular_user
    launch = {**user.launch().body, "DOMAIN": installed.portal.domain}
    for names in (("AUTH_ID",), ("REFRESH_ID",), ("AUTH_ID", "REFRESH_ID"), tuple(launch)):
        query = {name: launch[name] for name in names}
        body = {name: value for name, value in launch.items() if name not in names}
        for path in ("/", "/install", "/session", "/card/contact"):
            answer = user.client.post(f"{path}?{urlencode(query)}", data=body)
            assert answer.status_code in {400, 401}
            assert json.dumps(launch["AUTH_ID"])[1:-1] not in answer.text
    # A token in the address does not replace the one in the body.
    both = user.client.post(f"/?{urlencode({'AUTH_ID': 'x' * 70})}", data=launch)
    assert both.status_code == 200
