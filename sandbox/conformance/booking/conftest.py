"""A resource of the suite's own, whose bookings send no messages."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from sandbox.conformance.rest import Answer, Rest
from sandbox.conformance.samples import Samples

# Nine o'clock on a day in 2036; each test takes an hour of its own.
_NINE, _HOUR = 2082790800, 3600
_hours = count()

Book = Callable[..., Answer]


@pytest.fixture(scope="session")
def type_id(samples: Samples) -> int:
    return samples.create_type()


@pytest.fixture(scope="session")
def resource(samples: Samples, type_id: int) -> int:
    return samples.create_resource(type_id)


@pytest.fixture
def period() -> dict[str, Any]:
    start = _NINE + 2 * _HOUR * next(_hours)
    return {
        "from": {"timestamp": start, "timezone": "UTC"},
        "to": {"timestamp": start + _HOUR, "timezone": "UTC"},
    }


@pytest.fixture
def fields(resource: int, period: dict[str, Any]) -> dict[str, Any]:
    """The fields of a booking of the suite's resource."""
    return {"resourceIds": [resource], "datePeriod": period}


@pytest.fixture
def book(
    may_book: None,  # noqa: ARG001 - skips where bookings were not asked for
    portal: Rest,
    samples: Samples,
    fields: dict[str, Any],
) -> Book:
    """`book(record)` promotes a record, `book()` adds a booking; both delete it later."""

    def booking(record: int | None = None, **more: Any) -> Answer:
        given = {**fields, **more}
        if record is None:
            answer = portal.call("booking.v1.booking.add", fields=given)
        else:
            method = "booking.v1.booking.createfromwaitlist"
            answer = portal.call(method, waitListId=record, fields=given)
        if "error" not in answer.body:
            samples.keep_booking(answer.result)
        return answer

    return booking
