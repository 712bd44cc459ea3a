"""Faults on demand: their kinds, their methods, and how often they occur.

A fault of a whole HTTP request matches when the called method, or any command inside a batch, fits
its pattern. A probability is spread evenly (0.25 is every fourth match), so that test runs repeat.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import count as counting
from threading import Event, RLock
from typing import Any

# Kind -> what happens, in the words of the panel.
KINDS = {
    "QUERY_LIMIT_EXCEEDED": "503 too many requests; the call is not executed",
    "redirect": "302 to another host or page, as after a rename",
    "server_error": "500 with a text instead of JSON",
    "html": "200 with an HTML page instead of JSON",
    "delay": "the reply comes later, or when the fault is removed",
    "drop_before": "connection dropped before the call is executed",
    "drop_after": "connection dropped after the call was executed",
    "truncated": "executed, but the JSON reply ends half-way",
    "late": "connection dropped; the call is executed later",
    "status": "a page of HTML with any status",
    "broken_row": "replies with this CRM item are WRONG_ENCODING",
    "cut_note": "notes are stored up to their first 4-byte character",
    "strip_note": "notes are stored with single spaces, without line breaks",
    "expired_token": "401 expired_token",
    "user_access_error": "401 user has no access to the application",
    "PAYMENT_REQUIRED": "401 the subscription has ended",
    "OVERLOAD_LIMIT": "401 REST is blocked due to overload",
    "commercial_plan": "401 REST is for commercial plans only",
    "refused": "the caller is refused",
    "OPERATION_TIME_LIMIT": "429 the method has used up its run time",
    "slow": "run time is counted without waiting",
    "booking_disabled": "the Booking tool is switched off",
    "feature_off": "the tariff lacks a feature",
    "no_crm_rights": "the user may read nothing in CRM",
    "no_client_types": "the table of client types is empty, as on a fresh portal",
    "colleague_edit": "a colleague saves just before this client.set or unset",
    "colleague_race": "a colleague saves in the middle of this client.set or unset",
    "error": "any error",
}
_ERROR = ("code", "description", "status")
# The options of the kinds that have some.
OPTIONS = {
    "redirect": ("host", "path"),
    "delay": ("seconds",),
    "late": ("seconds",),
    "status": ("status",),
    "broken_row": ("number",),
    "refused": _ERROR,
    "slow": ("seconds",),
    "feature_off": ("feature",),
    "colleague_edit": ("clients", "replace", "user_id"),
    "colleague_race": ("clients",),
    "error": _ERROR,
}
# The kinds and the methods of the OAuth server.
OAUTH_KINDS = ("delay", "drop_before", "server_error", "html")
OAUTH_METHODS = ("oauth/token", "app.info")
# Portals and OAuth server share the ids, so that an id names one fault.
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

    def __post_init__(self) -> None:
        # No field: the control API writes all fields as JSON.
        self._removed = Event()

    def count_match(self) -> bool:
        """Count a match; returns whether the fault occurs at this one."""
        before = int(self.matched * self.probability)
        self.matched += 1
        if int(self.matched * self.probability) == before:
            return False
        self.hits += 1
        return True

    def hold_back(self) -> None:
        """Wait as long as a reply is late: these seconds, or until the fault is removed."""
        self._removed.wait(float(self.options.get("seconds", 1.0)))

    def release(self) -> None:
        """Let the replies go that are held back."""
        self._removed.set()

    @property
    def used_up(self) -> bool:
        return self.count is not None and self.hits >= self.count


class Faults:
    """The active faults of one portal, or of the OAuth server."""

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
        """Add a fault; raises ValueError for what no fault can be."""
        if kind not in self._kinds:
            raise ValueError(f"unknown fault {kind!r}; choose from: {', '.join(self._kinds)}")
        odd = sorted(options.keys() - set(OPTIONS.get(kind, ())))
        if odd:
            raise ValueError(f"{odd[0]}: {kind} has no such option")
        if kind == "broken_row" and "number" not in options:
            raise ValueError("number: which CRM item is broken?")
        fault = Fault(next(_ids), kind, method.lower(), count, probability, options)
        with self._lock:
            self._active.append(fault)
        return fault

    def remove(self, fault_id: int) -> bool:
        """Remove a fault; returns whether there was one with this id."""
        found = [fault for fault in self._active if fault.id == fault_id]
        self._end(found)
        return bool(found)

    def clear(self) -> None:
        self._end(self._active)

    def _end(self, faults: list[Fault]) -> None:
        with self._lock:
            self._active = [fault for fault in self._active if fault not in faults]
        for fault in faults:
            fault.release()

    def __iter__(self) -> Any:
        return iter(list(self._active))

    def __len__(self) -> int:
        return len(self._active)

    def take(self, kind: str, methods: list[str]) -> Fault | None:
        """Return the fault of this kind that occurs now, or None; counts it."""
        if not self._active:
            return None
        names = [name.lower() for name in methods]
        with self._lock:
            for fault in self._active:
                if fault.kind != kind or fault.used_up:
                    continue
                if any(fnmatchcase(name, fault.method) for name in names) and fault.count_match():
                    return fault
        return None
