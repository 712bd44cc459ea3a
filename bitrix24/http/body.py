"""Reads the body of an answer, within limits on what it becomes in memory.

A few kilobytes on the wire may unpack to gigabytes. So an answer is counted while it is unpacked,
and its values are counted before they are read.

The largest honest answer is a batch of 50 lists of 50 rows. A contact with all its fields takes
about 3 KB and 150 values, so 2,500 of them take 8 MB and 400,000 values. The limits are about twice
that. What they admit takes some 100 MB and less than a second to read at worst.
"""

import json
import re
import zlib
from collections.abc import Iterator
from math import isfinite
from threading import Lock
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from bitrix24.errors import NoAnswer

MAX_BYTES = 16 * 1024 * 1024
"""Both of the bytes on the wire and after unpacking."""
MAX_VALUES = 1_000_000
MAX_DEPTH = 32
"""A batch of lists of records is 10 deep."""
SMALL_BYTES = 1024 * 1024
"""An answer up to this size does not count."""
BUDGET_BYTES = 4 * MAX_BYTES
"""For what large answers of all threads of a process hold at the same time."""
CHUNK_BYTES = 64 * 1024
GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
"""Lets zlib tell the two apart by their heads."""
SURROGATES = re.compile(
    r"(\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
"""An escaped backslash or a whole surrogate pair in JSON; or else half a pair."""
PACKED = frozenset({"gzip", "x-gzip", "deflate"})


class MemoryBudget:
    """The bytes that large answers may hold at once, counted over all threads."""

    def __init__(self, size: int = BUDGET_BYTES) -> None:
        self._left = size
        self._lock = Lock()

    def reserve(self, size: int) -> bool:
        """Reserve bytes. Returns False where too many are taken."""
        with self._lock:
            fits = size <= self._left
            self._left -= size if fits else 0
        return fits

    def release(self, size: int) -> None:
        with self._lock:
            self._left += size


def read_body(response: requests.Response, budget: MemoryBudget) -> bytes:
    """Read and unpack a body. The socket's deadline applies.

    Raises NoAnswer where the body is too large, breaks off or is damaged.
    """
    body, taken = bytearray(), 0
    try:
        for chunk in _unpacked(response):
            body += chunk
            if len(body) > MAX_BYTES:
                raise NoAnswer("TooLong", status=response.status_code)
            more = max(len(body) - SMALL_BYTES, 0) - taken
            if not budget.reserve(more):
                raise NoAnswer("NoRoom", status=response.status_code)
            taken += more
    except zlib.error:
        raise NoAnswer("OddEncoding", status=response.status_code) from None
    except (HTTPError, OSError) as error:
        raise NoAnswer(type(error).__name__, status=response.status_code) from None
    finally:
        budget.release(taken)
        response.close()
    return bytes(body)


def _unpacked(response: requests.Response) -> Iterator[bytes]:
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding in {"", "identity"}:
        yield from _raw(response)
        return
    if encoding not in PACKED:
        raise NoAnswer("OddEncoding", status=response.status_code)
    unpacker, packed = zlib.decompressobj(GZIP_OR_ZLIB), b""
    for packed in _raw(response):
        rest = packed
        while rest and not unpacker.eof:
            yield unpacker.decompress(rest, CHUNK_BYTES)
            rest = unpacker.unconsumed_tail
    if packed and not unpacker.eof:
        raise NoAnswer("BrokenOff", status=response.status_code)


def _raw(response: requests.Response) -> Iterator[bytes]:
    size = 0
    while chunk := response.raw.read(CHUNK_BYTES, decode_content=False):
        size += len(chunk)
        if size > MAX_BYTES:
            raise NoAnswer("TooLong", status=response.status_code)
        yield chunk


def parse_object(raw: bytes, status: int) -> dict[str, Any]:
    """Read a JSON object. Raises NoAnswer for anything else, and for too many or too deep values.

    Every value but the first of a list or map follows a comma, so the signs are counted before
    anything is built. Signs inside of texts count as well.
    """
    if sum(map(raw.count, (b"{", b"[", b","))) > MAX_VALUES:
        raise NoAnswer("TooManyValues", status=status)
    try:
        body = json.loads(_text(raw), parse_float=_finite, parse_constant=_finite)
    except RecursionError:
        raise NoAnswer("TooDeep", status=status) from None
    except ValueError:
        raise NoAnswer("NotJson", status=status) from None
    if not isinstance(body, dict):
        raise NoAnswer("NotJson", status=status)
    if _is_too_deep(body):
        raise NoAnswer("TooDeep", status=status)
    return body


def _text(raw: bytes) -> str:
    """Decode JSON, and replace halves of surrogate pairs: no page can be written with them."""
    text = raw.decode(json.detect_encoding(raw), "replace")
    if "\\ud" not in text and "\\uD" not in text:
        return text
    return SURROGATES.sub(lambda found: found[1] or r"\ufffd", text)


def _is_too_deep(body: dict[str, Any]) -> bool:
    level: list[Any] = [body]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
    return bool(level)


def _finite(text: str) -> float:
    """Read a number. Raises ValueError for infinity, which Python's JSON reader would accept."""
    number = float(text)
    if not isfinite(number):
        raise ValueError
    return number
