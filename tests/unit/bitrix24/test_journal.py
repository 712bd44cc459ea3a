"""The journal records every exchange and holds no secrets."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bitrix24.batch import Command
from bitrix24.errors import PortalError, error_from
from bitrix24.exchange import Exchange
from bitrix24.log import daily_log
from bitrix24.log.journal import Journal, request_id
from bitrix24.log.redaction import IDS, WORDS, redact, redact_code, summarize

DIGITS, HEX = "0123456789", "0123456789abcdef"
TOKENS = st.text(HEX, min_size=32, max_size=70)
PHONES = st.builds(
    "".join,
    st.tuples(st.sampled_from(["+4", "4", "+49 "]), st.text(DIGITS, min_size=10, max_size=13)),
)
EMAILS = st.builds("{}@{}.example".format, st.text("abc.", min_size=1), st.text("xyz", min_size=1))
NAMES = st.sampled_from(["Anna", "ANNA", "ONUR", "Müller-Lüdenscheidt", "LEE", "Ödön von Horváth"])
NOTES = st.builds("{} {}".format, st.sampled_from(["Wants", "NEEDS"]), st.text(min_size=3))
SECRETS = st.one_of(TOKENS, PHONES, EMAILS, NAMES, NOTES)
HARMLESS = st.one_of(st.integers(0, 999), st.booleans(), st.none(), st.sampled_from(sorted(WORDS)))
KEYS = st.one_of(st.sampled_from(sorted(WORDS)), st.sampled_from(sorted(IDS)), SECRETS)

# The time that an example takes depends on how busy the machine is.
untimed = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def trees(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.tuples(inner, inner),
            st.dictionaries(KEYS, inner, max_size=4),
        ),
        max_leaves=8,
    )


def numeric(secret: str) -> Any:
    """Return a phone number as a portal might also send it."""
    return int(secret) if secret.isdecimal() else secret


PLANTED = trees(st.one_of(SECRETS, SECRETS.map(numeric), SECRETS.map(str.encode), HARMLESS))
PARAMS = st.dictionaries(KEYS, PLANTED, max_size=5)


def texts_in(value: Any) -> list[str]:
    """Return all strings in a JSON value, keys included, and its numbers as text."""
    if isinstance(value, dict):
        return [text for item in value.items() for part in item for text in texts_in(part)]
    if isinstance(value, list):
        return [text for item in value for text in texts_in(item)]
    return [str(value)]


def allowed(text: str) -> bool:
    return text in WORDS or bool(re.fullmatch(r"None|True|False|<[\w ]+>|\d{1,6}", text))


@untimed
@given(PLANTED)
def test_redaction_keeps_only_what_is_known_to_be_harmless(value: Any) -> None:
    assert [text for text in texts_in(redact(value)) if not allowed(text)] == []


@untimed
@given(value=PARAMS, result=PLANTED, inner=PARAMS, code=SECRETS, description=SECRETS)
def test_no_planted_secret_reaches_a_line(
    tmp_path_factory: pytest.TempPathFactory,
    value: dict[str, Any],
    result: Any,
    inner: dict[str, Any],
    code: str,
    description: str,
) -> None:
    request_id.set("")
    journal = Journal(tmp_path_factory.mktemp("journal"), 7)
    commands = [Command("crm.item.list", inner), Command(code, value)]
    as_text = [f"crm.item.list?filter[%name]={code}", f"{code}?x={description}"]
    error = error_from({"error": code, "error_description": description}, 400)
    inner_error = {"error": code, "error_description": description}
    answer = {"result": [result], "result_error": {"1": inner_error}}
    for exchange in (
        Exchange("crm.item.list", params=value, result=result),
        Exchange("crm.item.list", params=value, error=error),
        Exchange("batch", params={"cmd": as_text}, result=answer),
        Exchange("batch", params={"cmd": as_text}, commands=commands, result=answer),
        Exchange("batch", commands=commands, error=error),
        Exchange(code, params={"auth": code, "access_token": code, "id": code}),
    ):
        journal.write(exchange, "member", 7)
    own = {"time", "member_id", "user_id", "request_id", "method", "status", "error", "kind"}
    own |= {"ms", "params", "answer", "calls", "count", "member", "", "ok", "Refused", "batch"}
    lines = [json.loads(line) for line in journal.export("member")]
    assert len(lines) == 6
    for line in lines:
        del line["time"]
        found = {text for text in texts_in(line) if not allowed(text)}
        assert found <= own | {"crm.item.list"}


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ({"id": 12345678}, {"id": 12345678}),
        ({"@id": ["1", 2]}, {"@id": ["1", 2]}),
        ({"total": 12345678}, {"total": "<8>"}),
        ({"%name": "Anna"}, {"%name": "<4>"}),
        (
            {"entityTypeId": 3, "select": ["id", "name"]},
            {"entityTypeId": 3, "select": ["id", "name"]},
        ),
        ({"PLACEMENT": "CRM_DEAL_DETAIL_TAB"}, {"PLACEMENT": "CRM_DEAL_DETAIL_TAB"}),
        ({"EVENT": "ONAPPINSTALL"}, {"EVENT": "ONAPPINSTALL"}),
        (
            {"type": {"module": "crm", "code": "CONTACT"}},
            {"type": {"module": "crm", "code": "CONTACT"}},
        ),
        ({"@id": [1] * 60}, {"@id": [1] * 50 + ["<10 more>"]}),
        ({"total": 137, "start": -1, "next": "50"}, {"total": 137, "start": -1, "next": "50"}),
        (b"secret", "<bytes>"),
    ],
)
def test_what_support_needs_stays_readable(value: Any, kept: Any) -> None:
    assert redact(value) == kept


@pytest.mark.parametrize("typed", ["4711", "555014", "7", "1984", "03.04.1984", "19840403", "-5"])
@pytest.mark.parametrize(
    "key", ["PHONE", "value", "note", "ufCrmBirthday", "4711", "title", "%name"]
)
def test_a_number_under_an_unknown_key_is_written_as_a_length(key: str, typed: str) -> None:
    values = [typed, int(typed)] if typed.lstrip("-").isdigit() else [typed]
    for value in values:
        length = f"<{len(str(value))}>"
        kept = redact({"fields": {key: value}, "filter": {key: [value]}})
        (inner,) = kept["fields"].values()
        (listed,) = kept["filter"].values()
        assert (inner, listed) == (length, [length])
        assert summarize({"item": [value], key: value}) == {
            "item": {"count": 1},
            next(iter(kept["fields"])): length,
        }


@pytest.mark.parametrize(
    "odd", [7.5, 1e300, float("nan"), 10**400, 10**5000, "4" * 5000], ids=range(6)
)
def test_an_odd_number_is_written_as_a_length(odd: object) -> None:
    assert re.fullmatch(r"<(\d+|number)>", redact({"id": odd})["id"])
    json.dumps(redact({"id": odd}), allow_nan=False)


def test_a_key_that_is_a_number_is_kept_as_a_place_in_a_list_only() -> None:
    assert redact({"0": "x", "49": "x", "50": "x", "4711": "x"}) == {
        "0": "<1>",
        "49": "<1>",
        "<2>": "<1>",
        "<4>": "<1>",
    }


@pytest.mark.parametrize(("code", "kept"), [("1040", "1040"), ("0", "0"), ("555014", "<6>")])
def test_an_error_code_of_a_portal_is_short(code: str, kept: str) -> None:
    assert redact_code(code) == kept


def test_a_list_that_contains_itself_can_be_redacted() -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert "<list>" in json.dumps(redact(loop))


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "log", 3)


def written(journal: Journal, exchange: Exchange) -> dict[str, Any]:
    journal.write(exchange, "member", 7)
    lines = list(journal.export("member"))
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def test_a_line_holds_user_call_and_size_of_the_answer(journal: Journal) -> None:
    request_id.set("request-1")
    result = {"waitListItems": [{"id": 1}, {"id": 2}]}
    exchange = Exchange(
        "booking.v1.waitlist.list", params={"start": 50}, status=200, result=result, duration=0.0421
    )
    line = written(journal, exchange)
    assert datetime.fromisoformat(line.pop("time")).tzinfo == UTC
    assert line == {
        "member_id": "member",
        "user_id": 7,
        "request_id": "request-1",
        "method": "booking.v1.waitlist.list",
        "status": 200,
        "error": None,
        "kind": "ok",
        "ms": 42,
        "params": {"start": 50},
        "answer": {"waitListItems": {"count": 2}},
    }


def test_a_line_of_a_batch_holds_each_command(journal: Journal) -> None:
    commands = [
        Command("booking.v1.waitlist.get", {"id": 3}),
        Command("booking.v1.waitlist.client.list", {"waitListId": 3}),
    ]
    failure = {"error": "1040", "error_description": "Wait list item not found"}
    result = {"result": [{"waitList": {"id": 3}}], "result_error": {"1": failure}}
    line = written(journal, Exchange("batch", commands=commands, status=200, result=result))
    assert line["calls"] == [
        {
            "method": "booking.v1.waitlist.get",
            "params": {"id": 3},
            "error": None,
            "answer": {"waitList": {"count": 1}},
        },
        {
            "method": "booking.v1.waitlist.client.list",
            "params": {"waitListId": 3},
            "error": "1040",
            "answer": None,
        },
    ]


def test_a_line_of_a_failure_holds_its_code_and_kind(journal: Journal) -> None:
    error = error_from({"error": "QUERY_LIMIT_EXCEEDED", "error_description": "Too many"}, 503)
    line = written(journal, Exchange("profile", status=503, error=error))
    assert (line["status"], line["error"], line["kind"]) == (503, "QUERY_LIMIT_EXCEEDED", "Busy")


def test_an_unknown_error_code_is_not_repeated(journal: Journal) -> None:
    line = written(journal, Exchange("profile", error=PortalError("anna@example.com")))
    assert line["error"] == "<16>"


def test_an_export_holds_the_lines_of_its_portal_only(journal: Journal) -> None:
    journal.write(Exchange("profile"), "here", 1)
    journal.write(Exchange("profile", member_id="elsewhere"), "here", 1)
    assert len(list(journal.export("here"))) == 1
    assert list(journal.export("")) == []


@pytest.mark.parametrize("part", ['{"time":"2026-11-22T08', "\0\0", "12", "{}"])
def test_a_line_cut_off_by_a_full_disk_hides_no_other_line(
    journal: Journal, tmp_path: Path, part: str
) -> None:
    journal.write(Exchange("profile"), "here", 1)
    (file,) = (tmp_path / "log").iterdir()
    with file.open("a") as lines:
        lines.write(f"{part}\n")
    journal.write(Exchange("profile"), "here", 2)
    assert [json.loads(line)["user_id"] for line in journal.export("here")] == [1, 2]


def test_other_users_of_the_machine_cannot_read_the_journal(
    journal: Journal, tmp_path: Path
) -> None:
    journal.write(Exchange("profile"))
    (file,) = (tmp_path / "log").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_files_past_retention_are_deleted_and_others_kept(journal: Journal, tmp_path: Path) -> None:
    folder = tmp_path / "log"
    folder.mkdir()
    today = datetime.now(UTC).date()
    for days in range(6):
        (folder / f"rest-{today - timedelta(days)}.jsonl").touch()
    (folder / "2001-notes.txt").touch()
    journal.write(Exchange("profile"))
    kept = {f"rest-{today - timedelta(days)}.jsonl" for days in range(3)} | {"2001-notes.txt"}
    assert {path.name for path in folder.iterdir()} == kept


def test_a_file_of_a_day_is_bounded_and_accepted_acts_are_written_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(daily_log, "MOST_BYTES", 2_000)
    log = daily_log.DailyLog(tmp_path, "security", 3)
    for number in range(100):
        log.write({"refused": "launch", "from": f"203.0.113.{number}"})
    log.write({"accepted": "installation"})
    (path,) = tmp_path.iterdir()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert path.stat().st_size < 2_200
    assert len(lines) > 10
    assert lines[-1]["accepted"] == "installation"
    assert caplog.text.count("the security log of today is full") == 1


def test_one_portal_fills_a_part_of_the_file_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daily_log, "MOST_OF_PORTAL", 2_000)
    journal = Journal(tmp_path, 3)
    for _ in range(100):
        journal.write(Exchange("profile"), "loud")
    journal.write(Exchange("profile"), "calm")
    journal.write(Exchange("app.info"))
    lines = [journal.export(name) for name in ("loud", "calm", "")]
    loud, calm, none = (len(list(found)) for found in lines)
    assert 5 < loud < 20
    assert (calm, none) == (1, 1)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1)):
        journal.write(Exchange("profile"), "loud")
    assert len(list(journal.export("loud"))) == loud + 1


def test_lines_of_several_threads_and_journals_never_mix(tmp_path: Path) -> None:
    journals = [Journal(tmp_path / "log", 3) for _ in range(4)]
    long = Exchange("crm.item.list", params={"@id": list(range(50))})

    def write(number: int) -> None:
        journals[number % 4].write(long, "member", number)

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(write, range(400)))
    users = [json.loads(line)["user_id"] for line in journals[0].export("member")]
    assert sorted(users) == list(range(400))


def test_a_full_disk_is_only_logged(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.write", full)
    journal.write(Exchange("profile"))
    assert "No space left on device" in caplog.text
