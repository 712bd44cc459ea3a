"""Run the calls of a task with b24pysdk and print the results as JSON."""

from __future__ import annotations

import json
import sys
from typing import Any

from b24pysdk import BitrixApp, BitrixToken, BitrixWebhook, Client  # type: ignore[import-untyped]


def token(task: dict[str, Any]) -> Any:
    if "webhook" in task:
        return BitrixWebhook(domain=task["domain"], webhook_token=task["webhook"])
    app = BitrixApp(client_id=task["client_id"], client_secret=task["client_secret"])
    return BitrixToken(domain=task["domain"], auth_token=task["token"], bitrix_app=app)


def main(task: dict[str, Any]) -> dict[str, Any]:
    bitrix = token(task)
    client = Client(bitrix)
    waiting = client.booking.v1.waitlist
    return {
        "set": waiting.client.set(task["record"], task["clients"]).result,
        "read": waiting.client.list(task["record"]).result,
        "records": len(bitrix.call_list("booking.v1.waitlist.list")["result"]),
        "contacts": len(bitrix.call_list("crm.contact.list")["result"]),
        "contacts_fast": len(list(bitrix.call_list_fast("crm.contact.list")["result"])),
    }


print(json.dumps(main(json.loads(sys.argv[1]))))
