"""Malformed input: the portal reads it as PHP does, and never answers with 500."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.core import php
from sandbox.portal.portal import Portal
from sandbox.rest.call import METHODS
from tests.sandbox.steps import Caller, contact

_ODD = (
    None, True, False, 0, 1, -1, 2, 3, 5, 10**400, 1e300, float("inf"), float("nan"), "", "1", "²",
    "٣", "1e999", "9" * 5000, "\ud800", "DEAL", "crm", "CONTACT", "http://[::1.x/", "ASC", "*",
)  # fmt: skip
_KEYS = (
    "0", "1", "²", "id", "ID", "name", "note", "title", "><id", "@id", "!><id", "=%name", "logic",
    "filter", "order", "select", "start", "fields", "fm", "entityTypeId", "waitListId", "bookingId",
    "clients", "type", "module", "code", "externalData", "moduleId", "value", "companyIds", "cmd",
    "EVENT", "HANDLER", "AUTH_TYPE", "PLACEMENT", "LANG_ALL", "OPTIONS", "OPTION", "state",
    "createdWithin", "from", "to", "resourceIds", "datePeriod", "timestamp", "timezone", "VALUES",
)  # fmt: skip
_values = st.recursive(
    st.sampled_from(_ODD),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=4)
    ),
    max_leaves=8,
)
_LINK = {"moduleId": "crm", "entityTypeId": "DEAL", "value": "1"}
_SOUND: tuple[tuple[str, dict[str, Any]], ...] = (
    ("booking.v1.waitlist.get", {"id": 1, "start": 0}),
    ("booking.v1.waitlist.add", {"fields": {"note": "Window"}}),
    ("booking.v1.waitlist.externalData.set", {"waitListId": 1, "externalData": [_LINK]}),
    ("booking.v1.waitlist.client.set", {"waitListId": 1, "clients": [contact(1)]}),
    ("crm.item.list", {"entityTypeId": 3, "filter": {"><id": [1, 5]}, "start": 0}),
    ("crm.item.list", {"entityTypeId": 3, "filter": {"logic": "OR"}, "order": {"id": "ASC"}}),
    ("crm.item.add", {"entityTypeId": 3, "fields": {"name": "Nova", "fm": []}}),
    ("event.bind", {"EVENT": "ONAPPTEST", "HANDLER": "http://127.0.0.1/", "AUTH_TYPE": 1}),
    *((name, {}) for name in [*sorted(METHODS), "batch"]),
)


@st.composite
def _calls(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A valid call with one changed value, or a method with arbitrary parameters."""
    method, params = draw(st.sampled_from(_SOUND[:8]) | st.sampled_from(_SOUND[8:]))
    if not params:
        return method, draw(st.dictionaries(st.sampled_from(_KEYS), _values, max_size=5))
    name = draw(st.sampled_from(sorted(params)))
    changed, part = draw(st.sampled_from(_ODD) | _values), params[name]
    if isinstance(part, dict) and draw(st.booleans()):
        changed = {**part, draw(st.sampled_from(sorted(part))): changed}
    if isinstance(part, list) and part and draw(st.booleans()):
        changed = [{**part[0], draw(st.sampled_from(sorted(part[0]))): changed}]
    return method, {**params, name: changed}


def _deep(levels: int) -> str:
    return "[" * levels + "]" * levels


@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(call=_calls(), form=st.booleans(), brackets=st.text("[]0²a", max_size=9))
def test_no_input_breaks_a_method(
    portal: Portal, call: tuple[str, dict[str, Any]], form: bool, brackets: str
) -> None:
    method, params = call
    url = portal.client_endpoint + method
    query = {"auth": portal.issue_token(1).access_token, "entityTypeId": "3", "id": "1"}
    if form:
        fields = dict(php.flatten({**params, f"filter{brackets}": "1"}))
        body = {key: value.encode("utf-8", "surrogatepass") for key, value in fields.items()}
        answer = requests.post(url, body, params=query, timeout=30)
    else:
        headers = {"Content-Type": "application/json"}
        answer = requests.post(url, json.dumps(params), params=query, headers=headers, timeout=30)
    assert answer.status_code < 500
    assert answer.content


@pytest.mark.parametrize(
    "body",
    ['{"id":NaN}', '{"id":Infinity}', r'{"id":1,"x":"\ud800"}', f'{{"id":1,"x":{_deep(512)}}}',
     '{"id":1,"x":' + _deep(9000) + "}", b'{"id":1,"x":"\xed\xa0\x80"}'],
)  # fmt: skip
def test_json_that_php_refuses_is_ignored(portal: Portal, body: str | bytes) -> None:
    url = f"{portal.webhook_url}booking.v1.waitlist.get"
    answer = requests.post(url, body, headers={"Content-Type": "application/json"}, timeout=30)
    assert answer.json()["error_description"] == "Could not find value for parameter {id}"


@pytest.mark.parametrize("number", ["1e999", '"1e999"', f'"{"9" * 5000}"', "9" * 5000])
def test_numbers_beyond_64_bits_find_nothing(portal: Portal, number: str) -> None:
    url = f"{portal.webhook_url}booking.v1.waitlist.get"
    headers = {"Content-Type": "application/json"}
    answer = requests.post(url, f'{{"id":{number},"start":{number}}}', headers=headers, timeout=30)
    assert answer.json()["error"] == "1040"


def test_integers_are_cast_as_in_php() -> None:
    top = 2**63 - 1
    cases = {"1e999": top, "-1e999": -top - 1, "9" * 5000: top, str(top): top, " 12abc": 12}
    assert {text: php.to_int(text) for text in cases} == cases
    assert [php.to_int(x) for x in ("1.5e3", "²", 1e999, 2.0**64, -1.9)] == [1500, 0, 0, 0, -1]


def test_as_many_levels_as_php_accepts_pass_everywhere(portal: Portal, call: Caller) -> None:
    group: Any = {"id": 1}
    for _ in range(509):
        group = {"0": group}
    for user in (1, 2):
        status, body = call("crm.item.list", user=user, entityTypeId=3, filter=group)
        assert (status, body["total"]) == (200, 1)
    assert call("app.option.set", user=1, options={"a": group})[0] == 200
    assert call("app.option.get", user=1)[1]["result"] == {"a": group}
    assert requests.get(f"{portal.url}/_sandbox/requests", timeout=30).status_code == 200


def test_a_form_variable_with_too_many_levels_is_dropped(portal: Portal) -> None:
    url = f"{portal.webhook_url}booking.v1.waitlist.get"
    answer = requests.post(url, {"id" + "[a]" * 2000: "1"}, timeout=30)
    assert answer.json()["error_description"] == "Could not find value for parameter {id}"
    assert php.parse_pairs([("a" + "[b]" * 65, "1"), ("c[d]", "2")]) == {"c": {"d": "2"}}


def test_the_between_filter_needs_two_values(call: Caller) -> None:
    body = call("crm.item.list", entityTypeId=3, filter={"><id": 5})[1]
    assert body["error_description"] == "Invalid filter: field 'id' has invalid value"


def test_an_item_stores_texts_and_ids_whatever_is_written(call: Caller) -> None:
    fields = {"name": ["a"], "lastName": {"b": 1}, "companyIds": ["7", "x"], "companyId": [1]}
    item = call("crm.item.add", user=1, entityTypeId=3, fields=fields)[1]["result"]["item"]
    shown = [item[name] for name in ("name", "lastName", "companyIds", "companyId")]
    assert shown == ["Array", "Array", [7, 0], 7]
    for method in ("crm.item.list", "crm.contact.list"):
        assert call(method, user=1, entityTypeId=3, filter={"%searchContent": "x"})[0] == 200
    added = call("crm.item.add", user=1, entityTypeId=2, fields={"contactIds": ""})[1]
    bare = call("crm.item.add", user=1, entityTypeId=2, fields={"title": "Bare"})[1]
    assert [body["result"]["item"]["contactIds"] for body in (added, bare)] == [[], []]


@pytest.mark.parametrize(
    ("entity_type", "fields", "code"),
    [
        (2, {"contactIds": "5"}, "100"),
        (2, {"contactIds": 5}, "100"),
        (3, {"companyIds": True}, "100"),
        (3, {"fm": "+1 212 555 0101"}, "100"),
        (3, {"birthdate": "soon"}, "CRM_FIELD_ERROR_VALUE_NOT_VALID"),
        (3, {"birthdate": "2001-02-30"}, "CRM_FIELD_ERROR_VALUE_NOT_VALID"),
        (3, {"birthdate": ["2001-02-03"]}, "CRM_FIELD_ERROR_VALUE_NOT_VALID"),
    ],
)
def test_a_value_of_another_kind_is_refused_and_changes_nothing(
    call: Caller, portal: Portal, entity_type: int, fields: dict[str, Any], code: str
) -> None:
    given = {"comments": "new", **fields}
    before = dict(portal.state.crm(entity_type)[1].fields)
    for more in ({"id": 1}, {}):
        method = "crm.item.update" if more else "crm.item.add"
        status, body = call(method, user=1, entityTypeId=entity_type, fields=given, **more)
        assert (status, body["error"]) == (400, code)
    assert portal.state.crm(entity_type)[1].fields == before


@pytest.mark.parametrize(
    ("entity_type", "name", "value", "stored"),
    [
        (3, "birthdate", "1990-02-01", "1990-02-01T00:00:00+03:00"),
        (3, "birthdate", "01.02.1990", "1990-02-01T00:00:00+03:00"),
        (3, "birthdate", "1990-02-01T09:30:00+05:00", "1990-02-01T00:00:00+03:00"),
        (3, "birthdate", "", ""),
        (3, "opened", "n", "N"),
        (4, "isMyCompany", True, "Y"),
        (4, "isMyCompany", "true", "Y"),
        (4, "isMyCompany", 1, "N"),
        (4, "isMyCompany", None, "N"),
    ],
)
def test_dates_and_flags_are_stored_in_one_form(
    call: Caller, portal: Portal, entity_type: int, name: str, value: Any, stored: str
) -> None:
    portal.state.utc_offset = 3
    added = call("crm.item.add", user=1, entityTypeId=entity_type, fields={name: value})[1]
    assert added["result"]["item"][name] == stored


@pytest.mark.parametrize("deadline", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-12:00"])
def test_a_day_that_another_zone_cannot_have_is_no_date(call: Caller, deadline: str) -> None:
    given = {"ownerTypeId": 3, "ownerId": 1, "deadline": deadline}
    assert call("crm.activity.todo.add", user=1, **given)[1]["error"] == "WRONG_DATETIME_FORMAT"
    assert call("crm.activity.list", user=1)[0] == 200


def test_a_reply_that_json_cannot_hold_is_an_error(portal: Portal, call: Caller) -> None:
    url, headers = f"{portal.client_endpoint}app.option.set", {"Content-Type": "application/json"}
    auth = portal.issue_token(1).access_token
    body = f'{{"auth": "{auth}", "options": {{"endless": 1e400, "huge": 1e300}}}}'
    assert requests.post(url, body, headers=headers, timeout=30).json()["result"] is True
    assert call("app.option.get", option="huge")[1]["result"] == 1e300
    wrong = {"error": "WRONG_ENCODING", "error_description": "Wrong request encoding"}
    assert call("app.option.get")[1] == wrong
    for what in ("requests", "state"):
        text = requests.get(f"{portal.url}/_sandbox/{what}", timeout=30).text
        assert "Infinity" not in text
        assert "endless" in text


@pytest.mark.parametrize("length", ["x", "-1", "1_0", "²", "9" * 20])
def test_an_invalid_content_length_is_a_bad_request(portal: Portal, length: str) -> None:
    head = (
        f"POST /rest/profile HTTP/1.1\r\nHost: {portal.domain}\r\nContent-Length: {length}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", portal.port), timeout=30) as connection:
        connection.sendall(head.encode())
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert requests.get(portal.url, timeout=30).ok
