"""curl with the examples of the reference page; only address and secrets differ."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.portal.portal import Portal
from tests.clients.steps import CUSTOMERS, RECORD

SET, LIST = "booking.v1.waitlist.client.set", "booking.v1.waitlist.client.list"
WANTED = (
    '"waitListId":4,"clients":[{"id":1,"type":{"module":"crm","code":"CONTACT"}},'
    '{"id":2,"type":{"module":"crm","code":"CONTACT"}}]'
)
JSON = ("-X", "POST", "-H", "Content-Type: application/json", "-H", "Accept: application/json")


def curl(sandbox: Sandbox, *arguments: str) -> Any:
    command = ["curl", "--silent", "--show-error", "--cacert", str(sandbox.ca_file), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    return json.loads(done.stdout)


def test_the_example_for_a_webhook(sandbox: Sandbox, portal: Portal) -> None:
    body = f"{{{WANTED}}}"
    assert curl(sandbox, *JSON, "-d", body, f"{portal.tls_webhook_url}{SET}")["result"] is True
    body = json.dumps({"waitListId": RECORD})
    read = curl(sandbox, *JSON, "-d", body, f"{portal.tls_webhook_url}{LIST}")
    assert read["result"] == {"waitListClient": CUSTOMERS}


def test_the_example_for_an_application(sandbox: Sandbox, portal: Portal) -> None:
    token = portal.launch(2).access_token
    rest = f"{portal.tls_url}/rest"
    body = f'{{{WANTED},"auth":"{token}"}}'
    assert curl(sandbox, *JSON, "-d", body, f"{rest}/{SET}")["result"] is True
    body = json.dumps({"waitListId": RECORD, "auth": token})
    assert curl(sandbox, *JSON, "-d", body, f"{rest}/{LIST}")["result"] == {
        "waitListClient": CUSTOMERS
    }
    assert [entry.user_id for entry in portal.journal] == [2]


@pytest.mark.parametrize("form", ["--data-urlencode", "-F"])
def test_the_example_as_form_fields(sandbox: Sandbox, portal: Portal, form: str) -> None:
    fields = [f"waitListId={RECORD}", f"auth={portal.launch(2).access_token}"]
    for index, client in enumerate((1, 2)):
        fields += [
            f"clients[{index}][id]={client}",
            f"clients[{index}][type][module]=crm",
            f"clients[{index}][type][code]=CONTACT",
        ]
    arguments = [part for field in fields for part in (form, field)]
    assert curl(sandbox, *arguments, f"{portal.tls_url}/rest/{SET}")["result"] is True
    assert portal.clients(RECORD) == [("CONTACT", 1), ("CONTACT", 2)]
