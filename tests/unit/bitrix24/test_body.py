"""An answer is refused when it would take too much memory, however small it was."""

from __future__ import annotations

import gzip
import json
import threading
import zlib
from pathlib import Path
from typing import Any

import pytest

from bitrix24.batch import Command
from bitrix24.client import PortalClient
from bitrix24.errors import NoAnswer
from bitrix24.exchange import Exchange
from bitrix24.http import body as body_module
from bitrix24.http.body import MAX_BYTES, MAX_DEPTH, MAX_VALUES, MemoryBudget, parse_object
from bitrix24.http.transport import Transport
from bitrix24.log.journal import Journal
from tests.unit.bitrix24.steps import Server, Tokens, answering


def packed(body: bytes, pack: Any = gzip.compress, encoding: str = "gzip") -> Any:
    return answering(pack(body), "200 OK", f"Content-Encoding: {encoding}")


def text_of(size: int) -> bytes:
    return b'{"result": "' + b" " * size + b'"}'


def nested(depth: int) -> bytes:
    return b'{"result": ' + b"[" * depth + b"]" * depth + b"}"


def list_of(item: bytes, count: int) -> bytes:
    return b'{"result": [' + item + (b"," + item) * (count - 1) + b"]}"


def refusal(server: Server) -> str:
    with pytest.raises(NoAnswer) as caught:
        Transport(20, allow_private=True).post_json(f"{server.url}/rest/batch", {})
    return caught.value.code


@pytest.mark.parametrize(
    "script",
    [
        packed(text_of(MAX_BYTES)),
        packed(text_of(MAX_BYTES), zlib.compress, "deflate"),
        packed(b" " * 2 * MAX_BYTES),
        answering(text_of(MAX_BYTES)),
    ],
    ids=["gzip", "deflate", "spaces only", "not compressed"],
)
def test_an_answer_that_unpacks_to_too_many_bytes_is_refused(server: Server, script: Any) -> None:
    server.script = script
    assert refusal(server) == "TooLong"


def test_unpacking_stops_at_the_limit(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked = 0
    original = body_module._unpacked

    def counted(response: Any) -> Any:
        nonlocal unpacked
        for chunk in original(response):
            unpacked += len(chunk)
            yield chunk

    monkeypatch.setattr(body_module, "_unpacked", counted)
    server.script = packed(b" " * 2 * MAX_BYTES)
    assert refusal(server) == "TooLong"
    assert unpacked <= MAX_BYTES + body_module.CHUNK_BYTES


@pytest.mark.parametrize(
    "script",
    [
        packed(gzip.compress(b'{"result": 1}'), encoding="gzip, gzip"),
        packed(b'{"result": 1}', encoding="br"),
        packed(b'{"result": 1}', encoding="identity, gzip, gzip"),
    ],
)
def test_a_compression_that_was_not_asked_for_is_refused(server: Server, script: Any) -> None:
    server.script = script
    assert refusal(server) == "OddEncoding"


def test_an_answer_that_is_cut_off_while_compressed_is_refused(server: Server) -> None:
    server.script = answering(
        gzip.compress(b'{"result": 1}')[:-9], "200 OK", "Content-Encoding: gzip"
    )
    assert refusal(server) == "BrokenOff"


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 500, 100_000])
def test_an_answer_that_is_nested_too_deep_is_refused(server: Server, depth: int) -> None:
    server.script = answering(nested(depth))
    assert refusal(server) == "TooDeep"


def test_maps_count_as_depth(server: Server) -> None:
    server.script = answering(b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1))
    assert refusal(server) == "TooDeep"


@pytest.mark.parametrize(
    "item", [b"{}", b"[]", b'{"a":{}}', b"0", b'""'], ids=["maps", "lists", "both", "0", "texts"]
)
def test_an_answer_of_too_many_values_is_refused(server: Server, item: bytes) -> None:
    server.script = packed(list_of(item, MAX_VALUES))
    assert refusal(server) == "TooManyValues"


def test_the_largest_honest_answer_is_read(server: Server) -> None:
    row = {f"ufCrm_1700000000{number:03}": "Some text 12" for number in range(150)}
    lists = [{"items": [row] * 50}] * 50
    raw = json.dumps({"result": {"result": lists, "result_error": []}}).encode()
    assert len(raw) > MAX_BYTES // 2
    server.script = packed(raw)
    answer = Transport(20, allow_private=True).post_json(f"{server.url}/rest/batch", {})
    assert answer.body["result"]["result"] == lists


def test_large_answers_of_all_threads_share_one_room() -> None:
    budget = MemoryBudget(100)
    assert budget.reserve(60)
    assert not budget.reserve(60)
    assert budget.reserve(40)
    budget.release(60)
    assert budget.reserve(60)


def test_an_answer_without_room_is_refused_and_takes_none(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = Transport(20, allow_private=True)
    monkeypatch.setattr(transport, "_budget", MemoryBudget(body_module.SMALL_BYTES))
    server.script = packed(text_of(3 * body_module.SMALL_BYTES))
    for _ in range(2):
        with pytest.raises(NoAnswer) as caught:
            transport.post_json(server.url, {})
        assert caught.value.code == "NoRoom"
    server.script = packed(text_of(body_module.SMALL_BYTES))
    for _ in range(3):
        assert transport.post_json(server.url, {}).status == 200


def test_many_threads_may_read_small_answers_while_a_large_one_takes_all_room(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = Transport(20, allow_private=True)
    monkeypatch.setattr(transport, "_budget", MemoryBudget(0))
    server.script = packed(text_of(1000))
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(transport.post_json(server.url, {}).status))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 4


@pytest.mark.parametrize(
    ("script", "word"),
    [
        (packed(text_of(MAX_BYTES)), "TooLong"),
        (answering(nested(500)), "TooDeep"),
        (packed(list_of(b"{}", MAX_VALUES)), "TooManyValues"),
        (answering(b"<html>"), "NotJson"),
    ],
)
def test_the_journal_says_why_an_answer_was_refused(
    server: Server, tmp_path: Path, script: Any, word: str
) -> None:
    server.script = script
    journal = Journal(tmp_path, 7)

    def observer(exchange: Exchange) -> None:
        journal.write(exchange, "member", 1)

    client = PortalClient(
        server.url, Tokens(), Transport(20, allow_private=True), observer=observer
    )
    with pytest.raises(NoAnswer):
        client.call(Command("profile"))
    (line,) = journal.export("member")
    assert (json.loads(line)["kind"], json.loads(line)["error"]) == ("NoAnswer", word)


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        (rb'{"a": "\ud800"}', "\ufffd"),
        (rb'{"a": "x\uDFFFy"}', "x\ufffdy"),
        (rb'{"a": "\ude00\ud83d"}', "\ufffd\ufffd"),
        (b'{"a": "\xed\xa0\x80"}', "\ufffd" * 3),
        (rb'{"a": "\ud83d\ud83d\ude00"}', "\ufffd\U0001f600"),
        (rb'{"a": "\ud83d\ude00"}', "\U0001f600"),
        (rb'{"a": "\\ud800"}', r"\ud800"),
    ],
)
def test_half_a_surrogate_pair_is_replaced(raw: bytes, read: str) -> None:
    assert parse_object(raw, 200) == {"a": read}
    assert read.encode()


def test_a_key_holds_no_half_pair_either() -> None:
    assert list(parse_object(rb'{"\ud800": 1}', 200)) == ["\ufffd"]
