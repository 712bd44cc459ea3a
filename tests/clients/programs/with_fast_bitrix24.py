"""Run the calls of a task with fast_bitrix24 and print the results as JSON."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from fast_bitrix24 import BitrixAsync  # type: ignore[import-untyped]


async def main(task: dict[str, Any]) -> dict[str, Any]:
    async def token() -> str:
        return str(task["token"])

    bitrix = BitrixAsync(task["url"], token_func=token if "token" in task else None, verbose=False)
    wanted = {"waitListId": task["record"], "clients": task["clients"]}
    record = {"waitListId": task["record"]}
    records = await bitrix.get_all("booking.v1.waitlist.list")
    saved = await bitrix.call("booking.v1.waitlist.client.set", wanted, raw=True)
    read = await bitrix.call("booking.v1.waitlist.client.list", record, raw=True)
    return {
        "set": saved["result"],
        "read": read["result"],
        "records": len(records),
        "contacts": len(await bitrix.get_all("crm.contact.list")),
    }


print(json.dumps(asyncio.run(main(json.loads(sys.argv[1])))))
