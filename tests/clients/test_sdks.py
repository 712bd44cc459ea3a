"""SDKs: set the clients of a record and read them back, as on the reference page.

The official SDKs need https. b24pysdk and fast_bitrix24 page by `total`, the JS SDK by a
cursor that the waiting list ignores: each stops after the first 50 records without an error.
"""

from __future__ import annotations

import pytest

from sandbox import Sandbox
from sandbox.portal.portal import Portal
from tests.clients.steps import CONTACTS, CUSTOMERS, RECORD, Program, readable_contacts

TASK = {"record": RECORD, "clients": CUSTOMERS}


def stored(portal: Portal) -> list[tuple[str, int]]:
    return portal.clients(RECORD)


@pytest.mark.parametrize("kind", ["webhook", "oauth"])
def test_b24pysdk_sets_and_reads_customers_but_stops_after_50_records(
    sandbox: Sandbox, portal: Portal, program: Program, kind: str
) -> None:
    token = {
        "token": portal.launch(1).access_token,
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
    }
    webhook = {"webhook": f"1/{portal.state.webhook}"}
    by = webhook if kind == "webhook" else token
    done = program("with_b24pysdk.py", domain=portal.tls_domain, **by, **TASK)
    assert (done["set"], done["read"]) == (True, {"waitListClient": CUSTOMERS})
    assert stored(portal) == [("CONTACT", 1), ("CONTACT", 2)]
    assert {request.auth for request in portal.requests} == {kind}
    assert (len(portal.records), done["records"]) == (137, 50)
    everyone = readable_contacts(portal)
    assert (done["contacts"], done["contacts_fast"]) == (everyone, everyone)


@pytest.mark.parametrize("kind", ["webhook", "oauth"])
def test_fast_bitrix24_sets_and_reads_customers_but_stops_after_50_records(
    portal: Portal, program: Program, kind: str
) -> None:
    by = {"url": portal.tls_webhook_url}
    if kind == "oauth":
        by = {"url": f"{portal.tls_url}/rest/", "token": portal.launch(1).access_token}
    done = program("with_fast_bitrix24.py", **by, **TASK)
    assert (done["set"], done["read"]) == (True, {"waitListClient": CUSTOMERS})
    assert stored(portal) == [("CONTACT", 1), ("CONTACT", 2)]
    assert {request.auth for request in portal.requests} == {kind}
    assert (len(portal.records), done["records"]) == (137, 50)
    assert done["contacts"] == readable_contacts(portal)


def test_the_js_sdk_sets_and_reads_customers_but_stops_after_50_records(
    portal: Portal, program: Program
) -> None:
    done = program("with_b24jssdk.mjs", webhook_url=portal.tls_webhook_url, **TASK)
    assert (done["set"], done["read"]) == (True, {"waitListClient": CUSTOMERS})
    assert stored(portal) == [("CONTACT", 1), ("CONTACT", 2)]
    assert (len(portal.records), done["records"]) == (137, 50)
    assert done["contacts"] == CONTACTS


def test_the_js_sdk_refreshes_an_expired_token(
    sandbox: Sandbox, portal: Portal, program: Program
) -> None:
    launch = portal.launch(1)
    sandbox.expire_access_tokens()
    authorization = {
        "accessToken": launch.access_token,
        "refreshToken": launch.refresh_token,
        "expires": int(sandbox.clock.now()) + 3600,
        "expiresIn": 3600,
        "memberId": portal.member_id,
        "domain": portal.tls_domain,
        "clientEndpoint": f"{portal.tls_url}/rest/",
        "serverEndpoint": f"{sandbox.tls_oauth_url}/rest/",
        "applicationToken": portal.application_token,
        "scope": "booking,crm",
        "status": "L",
    }
    keys = {"clientId": sandbox.client_id, "clientSecret": sandbox.client_secret}
    done = program("with_b24jssdk.mjs", authorization=authorization, keys=keys, **TASK)
    assert done["read"] == {"waitListClient": CUSTOMERS}
    assert [request.error for request in portal.requests][:2] == ["expired_token", None]
    assert [request.grant_type for request in sandbox.oauth_requests] == ["refresh_token"]
