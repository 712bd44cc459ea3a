"""Who the customers are: names, phones and e-mails from CRM, as the current user may see them."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from bitrix24.batch import Command, php_map
from bitrix24.client import PortalClient
from bitrix24.errors import NotPermitted, PortalError
from waitlist.errors import CrmClosed
from waitlist.models import Customer, CustomerRef, Kind, parse_id

ENTITY_TYPES = {Kind.CONTACT: 3, Kind.COMPANY: 4}
PAGE_SIZE = 50
CACHE_SECONDS = 300
CACHE_SIZE = 50_000


class CustomerCache:
    """Customers as seen by one user of one portal, for some minutes; never shared across users."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # By portal and user, whoever has been away longest first.
        self._seen: OrderedDict[tuple[str, int], dict[CustomerRef, tuple[float, Customer]]] = (
            OrderedDict()
        )
        self._size = 0
        self._closed: dict[tuple[str, int, Kind], tuple[float, bool]] = {}

    def get(self, member_id: str, user_id: int, ref: CustomerRef) -> Customer | None:
        with self._lock:
            mine = self._seen.get((member_id, user_id), {})
            until, customer = mine.get(ref, (0.0, None))
        return customer if until > time.monotonic() else None

    def all_of(self, member_id: str, user_id: int) -> list[Customer]:
        """Everybody whom this user has seen in the last minutes."""
        now = time.monotonic()
        with self._lock:
            mine = list(self._seen.get((member_id, user_id), {}).values())
        return [customer for until, customer in mine if until > now]

    def put(self, member_id: str, user_id: int, customers: Iterable[Customer]) -> None:
        until = time.monotonic() + CACHE_SECONDS
        seen = {customer.ref: (until, customer) for customer in customers}
        with self._lock:
            mine = self._seen.setdefault((member_id, user_id), {})
            self._seen.move_to_end((member_id, user_id))
            self._size -= len(mine)
            mine.update(seen)
            self._size += len(mine)
            while self._size > CACHE_SIZE:
                self._size -= len(self._seen.popitem(last=False)[1])

    def closed(self, member_id: str, user_id: int) -> bool | None:
        """Whether CRM was closed to this user in the last minutes, for contacts and companies
        alike. None where that is not known."""
        now = time.monotonic()
        with self._lock:
            told = [self._closed.get((member_id, user_id, kind), (0.0, False)) for kind in Kind]
        known = [closed for until, closed in told if until > now]
        if False in known:
            return False
        return True if len(known) == len(told) else None

    def put_closed(self, member_id: str, user_id: int, kind: Kind, closed: bool) -> None:
        with self._lock:
            self._closed[member_id, user_id, kind] = (time.monotonic() + CACHE_SECONDS, closed)


class CustomerReader:
    """Reads customers as one user. Those that CRM does not show come back without a name."""

    def __init__(
        self, client: PortalClient, cache: CustomerCache, member_id: str, user_id: int
    ) -> None:
        self.client = client
        self._cache = cache
        self._member_id = member_id
        self._user_id = user_id

    def read(self, refs: Iterable[CustomerRef]) -> dict[CustomerRef, Customer]:
        """Every one of `refs`, from the cache or in one batch per 2,500 customers."""
        wanted = set(refs)
        found = {ref: seen for ref in wanted if (seen := self._cached(ref))}
        missing = wanted - found.keys()
        if missing:
            found |= self.take(missing, self.client.read(commands_for(missing)))
        return found

    def unknown(self, refs: Iterable[CustomerRef]) -> set[CustomerRef]:
        """Those that `read` would have to ask the portal for."""
        return {ref for ref in refs if not self._cached(ref)}

    def take(self, refs: Iterable[CustomerRef], answer: Any) -> dict[CustomerRef, Customer]:
        """Reads the answers to `commands_for(refs)` out of a batch that held other calls too."""
        found = {ref: Customer(ref, None) for ref in refs}
        for key, kind, _ids in _pages(found):
            for customer in customers_in(answer, key, kind):
                if customer.ref in found:
                    found[customer.ref] = customer
            self._hear(answer, key, kind)
        self._cache.put(self._member_id, self._user_id, found.values())
        return found

    @property
    def closed(self) -> bool:
        """Whether CRM is known to show this user nobody at all. That a portal refuses contacts and
        companies both is the only sure sign: an empty list may be one of deleted customers."""
        return self._cache.closed(self._member_id, self._user_id) is True

    def questions(self) -> dict[str, Command]:
        """What a batch asks along, which is sent anyway, so that `admit` knows whether CRM is
        closed: nothing where it is known to be open."""
        if self._cache.closed(self._member_id, self._user_id) is False:
            return {}
        return {f"closed_{kind}": _nobody(kind) for kind in Kind}

    def hear(self, answer: Any) -> None:
        """Takes the answers to `questions`."""
        for kind in Kind:
            self._hear(answer, f"closed_{kind}", kind)

    def admit(self, answer: Any) -> None:
        """As `hear`. Raises CrmClosed where this user may not change what they do not see."""
        self.hear(answer)
        if self.closed:
            raise CrmClosed

    def seen(self) -> list[Customer]:
        """The customers whom this user has seen by name in the last minutes; asks nobody."""
        seen = self._cache.all_of(self._member_id, self._user_id)
        return [customer for customer in seen if customer.visible]

    def keep(self, customers: Iterable[Customer]) -> None:
        """Remembers customers that a search has shown this user."""
        self._cache.put(self._member_id, self._user_id, customers)

    def _hear(self, answer: Any, key: str, kind: Kind) -> None:
        closed = isinstance(answer.errors.get(key), NotPermitted)
        if closed or key in answer.results:
            self._cache.put_closed(self._member_id, self._user_id, kind, closed)

    def _cached(self, ref: CustomerRef) -> Customer | None:
        return self._cache.get(self._member_id, self._user_id, ref)


def commands_for(refs: Collection[CustomerRef]) -> dict[str, Command]:
    """The calls that find these customers, 50 to a page; `CustomerReader.take` reads their
    answers."""
    return {key: item_list(kind, {"@id": ids}) for key, kind, ids in _pages(refs)}


def _pages(refs: Collection[CustomerRef]) -> Iterator[tuple[str, Kind, list[int]]]:
    """The customers in portions of one call each, and the key of that call in a batch."""
    for kind in Kind:
        ids = sorted(ref.id for ref in refs if ref.kind is kind)
        for start in range(0, len(ids), PAGE_SIZE):
            yield f"names_{kind}_{start}", kind, ids[start : start + PAGE_SIZE]


def item_list(kind: Kind, criteria: Mapping[str, Any]) -> Command:
    """A `crm.item.list` of contacts or companies. Only select `*` brings every phone and e-mail
    (`fm`). Source: controller/item.php of the portal's crm module."""
    return Command(
        "crm.item.list",
        {
            "entityTypeId": ENTITY_TYPES[kind],
            "select": ["*"],
            "filter": criteria,
            "order": {"id": "ASC"},
        },
    )


def _nobody(kind: Kind) -> Command:
    """Finds no customer, or is refused to whom CRM is closed."""
    params = {"entityTypeId": ENTITY_TYPES[kind], "select": ["id"], "filter": {"@id": [0]}}
    return Command("crm.item.list", params)


def customers_in(answer: Any, key: str, kind: Kind) -> Iterator[Customer]:
    """The customers one `crm.item.list` of a batch brought; none where CRM is closed to the user.

    Raises PortalError for anything else that went wrong: a name that is missing because the
    portal stumbled must not look like one that is hidden.
    """
    error: PortalError | None = answer.errors.get(key)
    if isinstance(error, NotPermitted):
        return
    items = php_map(answer.result(key)).get("items")
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and isinstance(item.get("id"), int):
            yield customer_from(kind, item)


def customer_from(kind: Kind, item: Mapping[str, Any]) -> Customer:
    """A contact or company from an item of `crm.item.list`."""
    multifields = [field for field in item.get("fm") or [] if isinstance(field, dict)]
    phones = _values(multifields, "PHONE") or _texts(item, "phone")
    emails = _values(multifields, "EMAIL") or _texts(item, "email")
    parts = ("name", "secondName", "lastName") if kind is Kind.CONTACT else ("title",)
    name = " ".join(text for part in parts for text in _texts(item, part))
    ref = CustomerRef(kind, item["id"])
    offered = not parse_id(item.get("categoryId")) and item.get("isMyCompany") != "Y"
    shown = name or next(iter((*phones, *emails)), f"#{ref.id}")
    return Customer(ref, shown, phones, emails, offered)


def _values(multifields: Iterable[Mapping[str, Any]], type_id: str) -> tuple[str, ...]:
    return tuple(
        str(field["value"])
        for field in multifields
        if field.get("typeId") == type_id and field.get("value")
    )


def _texts(item: Mapping[str, Any], key: str) -> tuple[str, ...]:
    text = str(item.get(key) or "").strip()
    return (text,) if text else ()
