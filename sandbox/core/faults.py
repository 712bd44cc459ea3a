"""Faults on demand: which misfortune, for which methods, how often.

A fault about the HTTP request as a whole matches when the called method, or any command inside a
batch, fits its pattern. Probability is spread evenly instead of thrown (0.25 = every fourth match),
so that a test with a fault always sees the same run.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import count as counting
from threading import RLock
from typing import Any

# kind -> (when it strikes, what the panel says)
KINDS: dict[str, tuple[str, str]] = {
    "QUERY_LIMIT_EXCEEDED": ("edge", "503 Too many requests, call not executed"),
    "redirect": ("edge", "302 to another host (the portal was renamed)"),
    "server_error": ("edge", "500 without a body of use"),
    "html": ("edge", "200 with an HTML page instead of JSON"),
    "delay": ("edge", "answer later (option seconds)"),
    "drop_before": ("edge", "connection dropped before anything was done"),
    "drop_after": ("after", "connection dropped after everything was done"),
    "truncated": ("after", "done, but the JSON ends half-way"),
    "expired_token": ("auth", "401 expired_token"),
    "user_access_error": ("auth", "401 user without access to the app"),
    "PAYMENT_REQUIRED": ("auth", "401 subscription ended"),
    "OVERLOAD_LIMIT": ("auth", "401 REST blocked due to overload"),
    "commercial_plan": ("auth", "401 REST only on commercial plans"),
    "refused": ("auth", "the caller refused for any reason (options code, description, status)"),
    "OPERATION_TIME_LIMIT": ("call", "429 method blocked for its run time"),
    "slow": ("call", "run time of so many seconds counted, without waiting (option seconds)"),
    "booking_disabled": ("call", "administrator switched the Booking tool off"),
    "feature_off": ("call", "tariff without a feature (option feature)"),
    "no_crm_rights": ("call", "user may read nothing in CRM"),
    "no_client_types": ("call", "fresh portal: client-type table is empty"),
    "colleague_edit": ("call", "a colleague saves just before this client.set or unset"),
    "colleague_race": ("call", "a colleague saves in the middle of this client.set"),
    "error": ("call", "any error body (options code, description, status)"),
}
# Those the OAuth server knows; its "methods" are called oauth/token and app.info.
OAUTH_KINDS = ("delay", "drop_before", "server_error", "html")
# One row for portals and OAuth server together, so that an id says which fault is meant.
_ids = counting(1)


@dataclass
class Fault:
    id: int
    kind: str
    method: str = "*"
    count: int | None = None
    probability: float = 1.0
    options: dict[str, Any] = field(default_factory=dict)
    matched: int = 0
    hits: int = 0

    def strikes(self) -> bool:
        """Called once per match; says whether this one is hit."""
        before = int(self.matched * self.probability)
        self.matched += 1
        if int(self.matched * self.probability) == before:
            return False
        self.hits += 1
        return True

    @property
    def spent(self) -> bool:
        return self.count is not None and self.hits >= self.count


class Faults:
    def __init__(self, kinds: Collection[str] = tuple(KINDS)) -> None:
        self._kinds = kinds
        self._active: list[Fault] = []
        self._lock = RLock()

    def add(
        self,
        kind: str,
        method: str = "*",
        *,
        count: int | None = None,
        probability: float = 1.0,
        **options: Any,
    ) -> Fault:
        if kind not in self._kinds:
            raise ValueError(f"unknown fault {kind!r}; known: {', '.join(self._kinds)}")
        fault = Fault(next(_ids), kind, method.lower(), count, probability, options)
        with self._lock:
            self._active.append(fault)
        return fault

    def remove(self, fault_id: int) -> bool:
        """Whether there was one of this id."""
        with self._lock:
            kept = [fault for fault in self._active if fault.id != fault_id]
            found = len(kept) < len(self._active)
            self._active = kept
        return found

    def clear(self) -> None:
        with self._lock:
            self._active = []

    def __iter__(self) -> Any:
        return iter(list(self._active))

    def __len__(self) -> int:
        return len(self._active)

    def take(self, kind: str, methods: list[str]) -> Fault | None:
        """The fault of this kind that strikes now, if any; uses up one of its count."""
        if not self._active:
            return None
        names = [name.lower() for name in methods]
        with self._lock:
            for fault in self._active:
                if fault.kind != kind or fault.spent:
                    continue
                if any(fnmatchcase(name, fault.method) for name in names) and fault.strikes():
                    return fault
        return None
