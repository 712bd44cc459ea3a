"""Unexpected or slow answers of an authorization server open nothing."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from sandbox import Sandbox
from settings import Settings
from tests.cast import REGULAR_USER, Cast
from tests.quick_app import copied_app

MEMBER_ID = "0123456789abcdef0123456789abcdef"
Reply = Callable[[], Response]


class StandIn:
    """Answers every request with `reply`, and records the requested addresses."""

    def __init__(self) -> None:
        self.reply: Reply = lambda: Response("{}", mimetype="application/json")
        self.asked: list[str] = []
        self.url = ""

    def __call__(self, environ: Any, start: Any) -> Any:
        request = Request(environ)
        request.get_data()
        self.asked.append(request.full_path)
        return self.reply()(environ, start)


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    app = StandIn()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    app.url = f"http://127.0.0.1:{server.server_port}"
    yield app
    server.shutdown()
    thread.join()
    server.server_close()


def info(**install: Any) -> Response:
    """Return an `app.info` answer for our app, with some parts changed."""
    result = {
        "client_id": "app.1",
        "user_id": 7,
        "expires": int(time.time()) + 3600,
        "install": {
            "installed": True,
            "member_id": MEMBER_ID,
            "client_endpoint": "https://portal.example/rest/",
            **install,
        },
    }
    return Response(json.dumps({"result": result}), mimetype="application/json")


def launch(
    config: Settings, stand_in: StandIn, domain: str = "portal.example", timeout: float = 20.0
) -> Any:
    own = replace(config, client_id="app.1", oauth_urls=(stand_in.url,), timeout=timeout)
    fields = {
        "AUTH_ID": "a" * 70,
        "REFRESH_ID": "r" * 70,
        "member_id": MEMBER_ID,
        "SERVER_ENDPOINT": f"{stand_in.url}/rest/",
    }
    return copied_app(own).test_client().post(f"/?DOMAIN={domain}", data=fields)


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        pytest.param(lambda: Response("<html>"), 503, id="HTML"),
        pytest.param(lambda: Response(""), 503, id="nothing"),
        pytest.param(lambda: Response('{"result": [1, 2'), 503, id="half an answer"),
        pytest.param(lambda: Response("[]"), 503, id="a list"),
        pytest.param(lambda: Response('{"result": null}'), 503, id="no result"),
        pytest.param(lambda: Response('{"result": {"install": []}}'), 503, id="odd install"),
        pytest.param(
            lambda: Response("", 302, {"Location": "http://127.0.0.1:9/rest/app.info"}),
            503,
            id="a redirect",
        ),
        pytest.param(lambda: Response('{"error": "wrong_client"}'), 503, id="error with 200"),
        pytest.param(lambda: Response('{"error": "expired_token"}'), 401, id="expired with 200"),
        pytest.param(lambda: Response('{"error": "invalid_token"}', 401), 401, id="unknown token"),
        pytest.param(lambda: Response('{"error": "PAYMENT_REQUIRED"}', 401), 403, id="unpaid"),
        pytest.param(lambda: info(member_id="f" * 32), 403, id="another portal"),
        pytest.param(
            lambda: info(client_endpoint="https://elsewhere.example/rest/"), 403, id="another host"
        ),
        pytest.param(
            lambda: info(client_endpoint="http://portal.example/rest/"), 403, id="plain http"
        ),
        pytest.param(
            lambda: info(client_endpoint="ftp://portal.example/rest/"), 403, id="another scheme"
        ),
        pytest.param(
            lambda: info(client_endpoint="https://user:pw@portal.example/rest/"),
            403,
            id="with a password",
        ),
        pytest.param(
            lambda: info(client_endpoint="https://portal.example/elsewhere/"),
            403,
            id="another path",
        ),
        pytest.param(
            lambda: info(client_endpoint="https://portal.example/rest/?x=1"), 403, id="a query"
        ),
    ],
)
def test_an_unexpected_answer_opens_nothing(
    config: Settings, stand_in: StandIn, reply: Reply, status: int
) -> None:
    stand_in.reply = reply
    response = launch(config, stand_in)
    assert response.status_code == status
    assert 'name="session"' not in response.text
    assert len(stand_in.asked) == 1


@pytest.mark.parametrize(
    "host", ["10.0.0.5", "192.168.1.1", "169.254.169.254", "127.0.0.2", "intranet"]
)
def test_a_portal_in_a_private_network_is_refused(
    config: Settings, stand_in: StandIn, host: str
) -> None:
    stand_in.reply = lambda: info(client_endpoint=f"https://{host}/rest/")
    assert launch(config, stand_in, host).status_code == 403


@pytest.mark.parametrize(
    "endpoint", ["https://portal.example:443/rest/", "https://PORTAL.example/rest/"]
)
def test_a_portal_is_the_same_with_its_default_port_and_in_capitals(
    config: Settings, stand_in: StandIn, endpoint: str
) -> None:
    # The handshake believes it; the portal itself is not there, so the next step fails.
    stand_in.reply = lambda: info(client_endpoint=endpoint)
    assert launch(config, stand_in).status_code == 502


@pytest.mark.parametrize(
    ("field", "odd", "status"),
    [
        ("user_id", "1" + "0" * 400, 503),
        ("user_id", "9" * 20, 503),
        ("user_id", "-1", 503),
        ("user_id", "0", 503),
        ("expires", "1" + "0" * 400, 502),
        ("expires", f'"{"9" * 30}"', 502),
        ("expires", '"9999-12-31T23:59:59+00:00"', 502),
        ("expires", '"0001-01-01T00:00:00+14:00"', 502),
        ("expires", "-1e300", 502),
    ],
)
def test_numbers_that_the_database_cannot_hold_are_no_error_of_the_app(
    config: Settings, stand_in: StandIn, field: str, odd: str, status: int
) -> None:
    def reply() -> Response:
        text = re.sub(rf'("{field}": )[0-9]+', rf"\g<1>{odd}", info().get_data(as_text=True))
        assert odd in text
        return Response(text, mimetype="application/json")

    # With 502 the handshake believes it; the portal itself is not there.
    stand_in.reply = reply
    assert launch(config, stand_in).status_code == status


def test_an_answer_that_arrives_too_slowly_is_given_up(config: Settings, stand_in: StandIn) -> None:
    done = threading.Event()

    def drip() -> Iterator[bytes]:
        while not done.wait(0.1):
            yield b" " * 70_000

    stand_in.reply = lambda: Response(drip(), mimetype="application/json")
    assert launch(config, stand_in, timeout=1.0).status_code == 503
    done.set()


def test_the_token_is_in_no_url(config: Settings, stand_in: StandIn) -> None:
    launch(config, stand_in)
    assert stand_in.asked == ["/rest/app.info?"]


def test_production_talks_to_no_loopback_address(
    here: Cast, config: Settings, sandbox: Sandbox
) -> None:
    client = copied_app(replace(config, allow_loopback=False)).test_client()
    fields = here.portal.launch(user_id=REGULAR_USER).body
    response = client.post(f"/?DOMAIN={here.portal.domain}", data=fields)
    assert response.status_code == 503
    assert sandbox.oauth_requests == []
    assert here.portal.requests == []
