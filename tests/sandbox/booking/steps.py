"""Bookings for tests: periods in 2036, after all seeded ones."""

from __future__ import annotations

from typing import Any

from tests.sandbox.steps import Caller

NINE = 2082790800
HOUR = 3600
PROMOTE = "booking.v1.booking.createfromwaitlist"
BACK = "booking.v1.waitlist.createfrombooking"


def period(start: int = NINE, seconds: int = HOUR, zone: str = "UTC") -> dict[str, Any]:
    return {
        "from": {"timestamp": start, "timezone": zone},
        "to": {"timestamp": start + seconds, "timezone": zone},
    }


def fields(*resources: int, start: int = NINE, seconds: int = HOUR, **more: Any) -> dict[str, Any]:
    """Fields of a booking, by default of resource 1 for an hour."""
    return {"resourceIds": list(resources or (1,)), "datePeriod": period(start, seconds), **more}


def book(call: Caller, *resources: int, user: int = 2, **given: Any) -> int:
    """Add a booking and return its id."""
    answer = call("booking.v1.booking.add", user=user, fields=fields(*resources, **given))
    return int(answer[1]["result"])


def promote(call: Caller, record: int, *resources: int, user: int = 2, **given: Any) -> Any:
    """Turn a record into a booking and return the body of the answer."""
    return call(PROMOTE, user=user, waitListId=record, fields=fields(*resources, **given))[1]


def links(call: Caller, number: int, thing: str = "booking", key: str = "bookingId") -> Any:
    """Return the links of a booking or record as pairs, e.g. [("DEAL", "31")]."""
    listed = call(f"booking.v1.{thing}.externalData.list", **{key: number})[1]["result"]
    return [(row["entityTypeId"], row["value"]) for row in listed["externalData"]]


def clients(call: Caller, number: int) -> list[tuple[str, int]]:
    listed = call("booking.v1.booking.client.list", bookingId=number)[1]["result"]
    return [(row["type"]["code"], row["id"]) for row in listed["bookingClient"]]
