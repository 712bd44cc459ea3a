"""https: the certificate authority, and the addresses in answers."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from benchmarks.ports import free_port
from sandbox import Sandbox
from sandbox.portal.portal import Portal
from tests.sandbox.steps import sandbox_command


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(port=0, portals=2, installed=True, event_delay=0, tls=True) as running:
        yield running


@pytest.fixture
def web(sandbox: Sandbox) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(sandbox.ca_file)
        yield session


def test_rest_answers_over_https_to_a_client_that_trusts_the_authority(
    sandbox: Sandbox, web: requests.Session
) -> None:
    for portal in sandbox.portals:
        assert web.get(f"{portal.tls_webhook_url}profile", timeout=30).json()["result"]["ID"] == "1"


def test_a_client_that_does_not_trust_the_authority_cannot_connect(portal: Portal) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{portal.tls_webhook_url}profile", timeout=30)


def test_a_launch_over_https_names_https_addresses(
    sandbox: Sandbox, portal: Portal, web: requests.Session
) -> None:
    asked = {"user_id": 2}
    launch = web.post(f"{portal.tls_url}/_sandbox/launch", json=asked, timeout=30).json()["result"]
    query = parse_qs(urlsplit(launch["url"]).query)
    assert (query["DOMAIN"], query["PROTOCOL"]) == ([portal.tls_domain], ["1"])
    assert launch["name"] == f"{portal.tls_domain}|1|{query['APP_SID'][0]}"
    assert launch["body"]["SERVER_ENDPOINT"] == f"{sandbox.tls_oauth_url}/rest/"
    assert portal.launch(2).body["SERVER_ENDPOINT"] == f"{sandbox.oauth_url}/rest/"


def test_the_oauth_server_names_https_addresses_over_https_only(
    sandbox: Sandbox, portal: Portal, web: requests.Session
) -> None:
    refresh = {
        "grant_type": "refresh_token",
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "refresh_token": portal.launch(2).refresh_token,
    }
    reply = web.get(f"{sandbox.tls_oauth_url}/oauth/token/", params=refresh, timeout=30).json()
    assert reply["client_endpoint"] == f"{portal.tls_url}/rest/"
    assert reply["server_endpoint"] == f"{sandbox.tls_oauth_url}/rest/"
    token = {"auth": reply["access_token"]}
    install = web.get(f"{reply['server_endpoint']}app.info", params=token, timeout=30).json()
    assert install["result"]["install"]["domain"] == portal.tls_domain
    assert web.get(f"{reply['client_endpoint']}profile", params=token, timeout=30).ok
    refresh["refresh_token"] = reply["refresh_token"]
    reply = requests.get(f"{sandbox.oauth_url}/oauth/token/", refresh, timeout=30).json()
    assert reply["client_endpoint"] == portal.client_endpoint


def test_a_client_without_a_handshake_does_not_block_others(
    portal: Portal, web: requests.Session
) -> None:
    with socket.create_connection(("127.0.0.1", int(portal.tls_domain.partition(":")[2]))):
        assert web.get(f"{portal.tls_webhook_url}profile", timeout=30).ok


def test_the_authority_is_deleted_with_the_sandbox_and_needs_tls(
    sandbox: Sandbox,
) -> None:
    ca_file = sandbox.ca_file
    assert [file.name for file in ca_file.parent.iterdir()] == ["ca.pem"]
    sandbox.close()
    assert not ca_file.parent.exists()
    with Sandbox(port=0) as plain:
        for ask in (lambda: plain.ca_file, lambda: plain.portals[0].tls_url):
            with pytest.raises(LookupError, match="tls=True"):
                ask()


def test_the_command_prints_the_https_address_and_the_authority(tmp_path: Path) -> None:
    port = free_port()
    with subprocess.Popen(
        sandbox_command(tmp_path, port, "--tls"),
        stdout=subprocess.PIPE,
        stderr=sys.stderr,
        text=True,
    ) as running:
        assert running.stdout
        lines = [running.stdout.readline() for _ in range(2)]
        running.terminate()
    assert lines[0] == f"Open http://localhost:{port}/\n"
    assert lines[1].startswith(f"https: https://localhost:{port + 100}/ (trust /")
    assert running.returncode == 0
