"""b24phpsdk, CRest and BX24.js by their requests: set the customers of a record, read them back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox import Sandbox
from sandbox.portal.portal import Portal
from tests.clients.steps import CUSTOMERS, RECORD
from tests.clients.wire import Bx24Js, CRest, PhpSdk, Send

Client = Callable[[Portal, str | None, str], Send]


@pytest.mark.parametrize(
    ("client", "kind"),
    [
        (PhpSdk, "webhook"),
        (PhpSdk, "oauth"),
        (CRest, "webhook"),
        (CRest, "oauth"),
        (Bx24Js, "oauth"),
    ],
)
def test_customers_are_set_and_read_back(
    sandbox: Sandbox, portal: Portal, client: Client, kind: str
) -> None:
    token = portal.launch(2).access_token if kind == "oauth" else None
    send = client(portal, token, str(sandbox.ca_file))
    method = "booking.v1.waitlist.client"
    assert send(f"{method}.set", waitListId=RECORD, clients=CUSTOMERS)["result"] is True
    read = send(f"{method}.list", waitListId=RECORD)
    assert read["result"] == {"waitListClient": CUSTOMERS}
    assert {request.auth for request in portal.requests} == {kind}
    assert [entry.user_id for entry in portal.journal] == [2 if token else 1]


@pytest.mark.parametrize(("client", "error"), [(PhpSdk, None), (CRest, "100"), (Bx24Js, "100")])
def test_only_json_can_send_an_empty_list(
    sandbox: Sandbox, portal: Portal, client: Client, error: str | None
) -> None:
    send = client(portal, portal.launch(2).access_token, str(sandbox.ca_file))
    answer = send("booking.v1.waitlist.client.set", waitListId=RECORD, clients=[])
    assert answer.get("error") == error
