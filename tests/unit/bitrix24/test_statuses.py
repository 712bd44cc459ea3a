"""The HTTP status or a redirect says what to do where the body does not."""

from __future__ import annotations

import pytest

from bitrix24 import errors
from bitrix24.batch import Command
from bitrix24.client import PortalClient
from bitrix24.errors import NoAnswer, PortalError
from bitrix24.http.transport import Transport
from bitrix24.limits import Limits
from tests.unit.bitrix24.steps import Server, Tokens, answering

READ = Command("booking.v1.waitlist.list")
WRITE = Command("booking.v1.waitlist.client.set", {"waitListId": 1})
HTML = b"<html><title>Sorry</title></html>"
BODIES = [HTML, b'{"message": "Sorry"}', b""]


@pytest.fixture
def client(server: Server, transport: Transport) -> PortalClient:
    return PortalClient(f"{server.url}/rest/", Tokens(), transport, limits=Limits())


def failure(client: PortalClient, command: Command) -> PortalError:
    with pytest.raises(PortalError) as caught:
        client.call(command)
    return caught.value


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("401 Unauthorized", errors.Blocked),
        ("402 Payment Required", errors.Blocked),
        ("403 Forbidden", errors.Blocked),
        ("404 Not Found", errors.Blocked),
        ("410 Gone", errors.PortalClosed),
        ("429 Too Many Requests", errors.Busy),
        ("503 Service Unavailable", errors.Busy),
        ("500 Internal Server Error", NoAnswer),
        ("502 Bad Gateway", NoAnswer),
        ("504 Gateway Timeout", NoAnswer),
        ("200 OK", NoAnswer),
    ],
)
def test_a_status_tells_the_kind_where_the_body_does_not(
    client: PortalClient, server: Server, status: str, kind: type[PortalError], body: bytes
) -> None:
    server.script = answering(body, status)
    assert type(failure(client, READ)) is kind


@pytest.mark.parametrize("body", BODIES)
def test_a_503_to_a_write_may_come_from_a_proxy_behind_which_it_was_carried_out(
    client: PortalClient, server: Server, body: bytes
) -> None:
    server.script = answering(body, "503 Service Unavailable")
    assert type(failure(client, WRITE)) is NoAnswer
    server.script = answering(body, "429 Too Many Requests")
    assert type(failure(client, WRITE)) is errors.Busy


@pytest.mark.parametrize(
    "body", [b'{"error": "Gateway Timeout"}', b'{"error": "", "message": "x"}', b'{"error": 502}']
)
@pytest.mark.parametrize("status", ["500 Error", "502 Bad Gateway", "503 Busy", "504 Timeout"])
def test_a_gateway_that_answers_in_json_leaves_open_whether_a_write_was_carried_out(
    client: PortalClient, server: Server, status: str, body: bytes
) -> None:
    server.script = answering(body, status)
    error = failure(client, WRITE)
    assert isinstance(error, NoAnswer)
    assert not error.is_final


@pytest.mark.parametrize("body", [HTML, b'{"error": "slow_down"}', b'{"error": ""}'])
@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Retry-After: 120", 120),
        ("Retry-After:  7 ", 7),
        ("Retry-After: Fri, 31 Dec 2027 23:59:59 GMT", 0),
        ("Retry-After: 99999999999", 0),
        ("X-Other: 5", 0),
    ],
)
def test_the_time_to_wait_is_taken_from_the_answer(
    client: PortalClient, server: Server, body: bytes, status: str, header: str, seconds: int
) -> None:
    server.script = answering(body, status, header)
    error = failure(client, READ)
    assert isinstance(error, errors.Busy)
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    "location",
    [
        "/settings/license_all.php",
        "https://www.bitrix24.com/prices/",
        "/auth/?login=yes",
        "https://new.example.com/",
        "?again",
    ],
)
def test_a_redirect_to_a_page_is_a_block_that_waiting_does_not_lift(
    client: PortalClient, server: Server, location: str
) -> None:
    server.script = answering(b"", "302 Found", f"Location: {location}")
    assert type(failure(client, READ)) is errors.Blocked


def test_a_redirect_of_the_call_to_https_says_so(client: PortalClient, server: Server) -> None:
    secure = server.url.replace("http:", "https:")
    server.script = answering(b"", "301 Moved", f"Location: {secure}/rest/{READ.method}")
    assert type(failure(client, READ)) is errors.HttpsNeeded


def test_a_redirect_of_the_call_to_another_host_is_a_move(
    client: PortalClient, server: Server
) -> None:
    target = f"https://new.example.com/rest/{READ.method}"
    server.script = answering(b"", "302 Found", f"Location: {target}")
    assert type(failure(client, READ)) is errors.Moved


@pytest.mark.parametrize("code", ["ERROR_METHOD_NOT_FOUND", "NO_METHOD", "22002"])
@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("booking.v1.waitlist.list", errors.BookingMissing),
        ("crm.item.fields", errors.CrmMissing),
        ("crm.duplicate.findbycomm", errors.CrmMissing),
        ("app.info", errors.MethodMissing),
        ("profile", errors.MethodMissing),
    ],
)
def test_a_missing_method_names_its_module(
    client: PortalClient, server: Server, code: str, method: str, kind: type[PortalError]
) -> None:
    command = Command(method)
    server.script = answering(f'{{"error": "{code}"}}'.encode(), "404 Not Found")
    assert type(failure(client, command)) is kind
    refusal = f'{{"result": {{"result": [], "result_error": [{{"error": "{code}"}}]}}}}'
    server.script = answering(refusal.encode())
    assert type(client.batch([command]).errors[command]) is kind


@pytest.mark.parametrize("reason", ["ReadTimeout", "NotJson", "ConnectionError"])
def test_a_call_that_only_met_a_redirect_was_not_sent(
    server: Server, transport: Transport, reason: str
) -> None:
    def ask(_token: str) -> str:
        raise NoAnswer(reason, status=502)

    client = PortalClient(f"{server.url}/rest/", Tokens(), transport, limits=Limits(), relocate=ask)
    server.script = answering(
        b"", "302 Found", "Location: http://elsewhere.example/rest/booking.v1.waitlist.client.set"
    )
    error = failure(client, WRITE)
    assert type(error) is errors.NotSent
    assert (error.code, error.status) == (reason, 502)
