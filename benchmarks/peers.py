"""Does the jobs with other clients, each used as its own documentation says.

With manual paging, a client reads pages until one is not full: a waiting list always says
`total: 0` and ignores a cursor, so the clients' own list functions stop after the first page.
"""

import os
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests

LIST = "booking.v1.waitlist.list"
CLIENTS = "booking.v1.waitlist.client.list"
SET = "booking.v1.waitlist.client.set"
ITEMS = "crm.item.list"
PAGE = 50
Params = dict[str, Any]


class Peer(Protocol):
    def call(self, method: str, params: Params) -> Any:
        """Return the `result` of one call."""
        ...

    def call_many(self, method: str, calls: Sequence[Params]) -> list[Any]:
        """Return the rows or results of several calls of one method."""
        ...

    def read_list(self) -> Iterable[Any]:
        """Read the waiting list with the client's own function for lists."""
        ...


class Plain:
    """`requests`, one call at a time, repeated a second after a refusal."""

    def __init__(self, webhook_url: str) -> None:
        self._url = webhook_url
        self._session = requests.Session()

    def call(self, method: str, params: Params) -> Any:
        while True:
            answer = self._session.post(f"{self._url}{method}", json=params, timeout=60)
            if answer.status_code != 503:
                return answer.json()["result"]
            time.sleep(1)

    def call_many(self, method: str, calls: Sequence[Params]) -> list[Any]:
        return [self.call(method, params) for params in calls]

    def read_list(self) -> Iterable[Any]:
        return read_pages(self)


class OfficialSdk:
    """b24pysdk: `call_list` for lists, `call_batches` for many calls, in parallel."""

    def __init__(self, webhook_url: str) -> None:
        from b24pysdk import BitrixWebhook  # type: ignore[import-untyped]

        url = urlsplit(webhook_url)
        self._bitrix = BitrixWebhook(
            domain=url.netloc, webhook_token=url.path.removeprefix("/rest/").strip("/")
        )

    def call(self, method: str, params: Params) -> Any:
        return self._bitrix.call_method(method, params)["result"]

    def call_many(self, method: str, calls: Sequence[Params]) -> list[Any]:
        answer = self._bitrix.call_batches([(method, params) for params in calls])
        results = answer["result"]["result"]
        return list(results.values() if isinstance(results, dict) else results)

    def read_list(self) -> Iterable[Any]:
        return list(self._bitrix.call_list(LIST)["result"])


class Fast:
    """fast_bitrix24: `get_all` for lists, `call` with a list of parameters for many calls."""

    def __init__(self, webhook_url: str) -> None:
        from fast_bitrix24 import Bitrix  # type: ignore[import-untyped]

        self._bitrix = Bitrix(webhook_url, verbose=False)

    def call(self, method: str, params: Params) -> Any:
        return self._bitrix.call(method, params, raw=True)["result"]

    def call_many(self, method: str, calls: Sequence[Params]) -> list[Any]:
        if method == CLIENTS:
            # `call` would join the customers of all records; this keeps them apart.
            ids = [params["waitListId"] for params in calls]
            found = self._bitrix.get_by_ID(method, ids, ID_field_name="waitListId")
            return list(found.values())
        return [{"items": self._bitrix.call(method, list(calls))}]

    def read_list(self) -> Iterable[Any]:
        return list(self._bitrix.get_all(LIST))


PEERS: dict[str, Callable[[str], Peer]] = {
    "requests": Plain,
    "b24pysdk": OfficialSdk,
    "fast_bitrix24": Fast,
}


def read_pages(peer: Peer) -> list[Any]:
    rows: list[Any] = []
    while True:
        page = peer.call(LIST, {"start": len(rows)})["waitList"]
        rows += page
        if len(page) < PAGE:
            return rows


def board(peer: Peer, *, paged: bool) -> list[int]:
    """Count the records, the customers on them, and the names that were read."""
    ids = [row["id"] for row in (read_pages(peer) if paged else peer.read_list())]
    answers = peer.call_many(CLIENTS, [{"waitListId": number} for number in ids])
    clients = [row for answer in answers for row in answer["waitListClient"]]
    names = 0
    for code, entity in (("CONTACT", 3), ("COMPANY", 4)):
        wanted = sorted({row["id"] for row in clients if row["type"]["code"] == code})
        pages = [
            {"entityTypeId": entity, "select": ["*"], "filter": {"@id": wanted[at : at + PAGE]}}
            for at in range(0, len(wanted), PAGE)
        ]
        names += sum(len(answer["items"]) for answer in peer.call_many(ITEMS, pages))
    return [len(ids), len(clients), names]


def save(peer: Peer, record: int, contact: int) -> list[int]:
    """Read, write and read back. `client.set` replaces the list, so it has to be read before."""
    params = {"waitListId": record}
    before = peer.call(CLIENTS, params)["waitListClient"]
    new = {"id": contact, "type": {"module": "crm", "code": "CONTACT"}}
    peer.call(SET, {**params, "clients": [*before, new]})
    return [len(peer.call(CLIENTS, params)["waitListClient"]) - len(before)]


def search(peer: Peer, word: str) -> list[int]:
    contacts = {"logic": "OR", "0": {"%name": word}, "1": {"%lastName": word}}
    found = [
        peer.call(ITEMS, {"entityTypeId": entity, "select": ["*"], "filter": criteria})["items"]
        for entity, criteria in ((3, {"0": contacts}), (4, {"%title": word}))
    ]
    return [int(any(found))]


def change(peer: Peer, records: list[int], contact: int) -> list[int]:
    """Add one customer to many records: read them, write those without her, and read back."""
    new = {"id": contact, "type": {"module": "crm", "code": "CONTACT"}}
    params = [{"waitListId": number} for number in records]
    found = [answer["waitListClient"] for answer in peer.call_many(CLIENTS, params)]
    writes = [
        {**one, "clients": [*clients, new]}
        for one, clients in zip(params, found, strict=True)
        if new not in clients
    ]
    peer.call_many(SET, writes)
    after = peer.call_many(CLIENTS, params)
    return [sum(new in answer["waitListClient"] for answer in after)]


def do_job(name: str, job: str, arguments: Params) -> list[int]:
    os.environ["SSL_CERT_FILE"] = os.environ["REQUESTS_CA_BUNDLE"] = arguments["ca_file"]
    peer = PEERS[name](arguments["webhook_url"])
    if job == "board":
        return board(peer, paged=arguments["manual_paging"])
    if job == "change":
        return change(peer, arguments["records"], arguments["contact"])
    if job == "save":
        return save(peer, arguments["record"], arguments["contact"])
    return search(peer, arguments["word"])
