"""`make try` names the fields of a portal's form, and says what is missing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from checks.own_portal import main
from sandbox import Sandbox
from sandbox.portal import lifecycle
from tests.browser.desk import sandbox_with_app
from tests.cast import ADMINISTRATOR

KEYS = {"B24_CLIENT_ID": "local.1", "B24_CLIENT_SECRET": "secret"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox_with_app(tmp_path_factory.mktemp("app"), records=3) as sandbox:
        yield sandbox


@contextmanager
def proxy(target: str, change: Callable[[Request, Response], Response]) -> Iterator[str]:
    """Pass requests on, as a tunnel does, and change the answers."""

    @Request.application
    def application(request: Request) -> Response:
        answer = requests.request(
            request.method, target + request.full_path, data=request.get_data(), timeout=60
        )
        passed = Response(answer.content, answer.status_code, dict(answer.headers))
        return change(request, passed)

    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def app_url(sandbox: Sandbox) -> str:
    return sandbox.options.app_url


def try_out(
    capsys: pytest.CaptureFixture[str], portal: str, environ: dict[str, str]
) -> tuple[int, str, list[str]]:
    code = main(portal, environ)
    said = capsys.readouterr()
    return code, said.out, said.err.splitlines()


def test_a_new_portal_gets_the_fields_of_its_form(
    running: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    url = app_url(running)
    code, out, err = try_out(capsys, running.portals[0].url, {"APP_URL": url})
    assert (code, err) == (0, [])
    fields = dict(line.split(maxsplit=1) for line in out.splitlines() if line.startswith("  B24"))
    assert fields["B24_CLIENT_ID"] == "Application ID (client_id)"
    for wanted in (
        f"  Initial installation path   {url}/install",
        f"  Your handler path           {url}/",
        "  Menu item text (de)         Warteliste",
        "  Assign permissions          booking, crm, placement",
        "Save the form, then open the app there.",
    ):
        assert wanted in out


@pytest.mark.parametrize("spelling", ["{}/", "{}/crm/deal/list/", "{}"])
def test_a_portal_that_has_the_app_is_recognized(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], spelling: str
) -> None:
    with sandbox_with_app(tmp_path, records=3) as sandbox:
        portal = sandbox.portals[0]
        launch = portal.launch(ADMINISTRATOR)
        requests.post(launch.url, launch.body, timeout=60)
        lifecycle.finish_install(portal, ADMINISTRATOR)
        environ = {"APP_URL": app_url(sandbox)}
        code, out, err = try_out(capsys, spelling.format(portal.url), environ)
        assert (code, err) == (0, [])
        assert out.endswith("Open the app there.\n")
        assert "Save the form" not in out


@pytest.mark.parametrize(
    ("url", "portal", "said"),
    [
        ("", None, "Missing: APP_URL; start a tunnel"),
        ("https://app.example.com/", None, "Missing: APP_URL must be a bare URL"),
        ("app.example.com", None, "Missing: APP_URL must be a URL such as"),
        ("http://app.example.com", None, "Missing: APP_URL must start with https://"),
        (None, "ftp://x.example.com", "Missing: PORTAL must be a URL such as"),
        (None, "http://x.example.com", "Missing: PORTAL must start with https://"),
        (None, "https://x.bitrix24.com", "Missing: a public address; https://x.bitrix24.com can"),
        (None, "http://localhost:1", "Missing: an answer; http://localhost:1/rest/app.info gives"),
        ("http://127.0.0.1:1", None, "it needs B24_CLIENT_ID and B24_CLIENT_SECRET"),
    ],
)
def test_addresses_that_cannot_work_are_named(
    running: Sandbox,
    capsys: pytest.CaptureFixture[str],
    url: str | None,
    portal: str | None,
    said: str,
) -> None:
    environ = {"APP_URL": app_url(running) if url is None else url}
    code, _, err = try_out(capsys, portal or running.portals[0].url, environ)
    assert code == 1
    (line,) = err
    assert line.startswith("Missing: ")
    assert said in line


def test_a_host_that_is_no_portal_is_named(
    running: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, (line,) = try_out(capsys, app_url(running), {"APP_URL": app_url(running)})
    assert code == 1
    assert "does not answer as Bitrix24's REST does" in line


def framed_by_nobody(_: Request, answer: Response) -> Response:
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def other_policy(_: Request, answer: Response) -> Response:
    answer.headers["Content-Security-Policy"] = "frame-ancestors 'self'"
    return answer


def second_policy(_: Request, answer: Response) -> Response:
    answer.headers.add("Content-Security-Policy", "frame-ancestors 'self'")
    return answer


def no_policy(_: Request, answer: Response) -> Response:
    del answer.headers["Content-Security-Policy"]
    return answer


def interstitial(_request: Request, _answer: Response) -> Response:
    return Response("<h1>You are about to visit</h1>", mimetype="text/html")


def down(_request: Request, _answer: Response) -> Response:
    return Response("Bad Gateway", 502)


def no_head(request: Request, answer: Response) -> Response:
    return Response(status=405) if request.method == "HEAD" else answer


def no_post(request: Request, answer: Response) -> Response:
    return Response(status=503) if request.method == "POST" else answer


def moved(request: Request, answer: Response) -> Response:
    if request.path == "/":
        return Response(status=301, headers={"Location": "https://www.example.com/"})
    return answer


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (framed_by_nobody, "a frame; a proxy adds X-Frame-Options"),
        (other_policy, "a frame; a proxy has changed Content-Security-Policy"),
        (second_policy, "a frame; a proxy has changed Content-Security-Policy"),
        (no_policy, "a frame; a proxy has changed Content-Security-Policy"),
        (interstitial, "/healthz answers 200, and not with ok"),
        (down, "/healthz answers 502, and not with ok"),
        (no_head, "an answer to HEAD"),
        (no_post, "an answer to POST"),
        (moved, "redirects to https://www.example.com/, so set APP_URL to it"),
    ],
)
def test_a_tunnel_that_changes_answers_is_named(
    running: Sandbox,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[Request, Response], Response],
    said: str,
) -> None:
    with proxy(app_url(running), change) as tunnel:
        code, out, err = try_out(capsys, running.portals[0].url, {"APP_URL": tunnel, **KEYS})
    assert code == 1
    (line,) = err
    assert said in line
    assert f"{tunnel}/install" in out, "the fields are printed all the same"


def test_a_tunnel_that_changes_nothing_works(
    running: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    with proxy(app_url(running), lambda _, answer: answer) as tunnel:
        assert try_out(capsys, running.portals[0].url, {"APP_URL": tunnel})[0] == 0
