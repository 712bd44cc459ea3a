"""The `time` of answers tells when a method is free again, and the portal's day."""

from __future__ import annotations

from datetime import date

import pytest

from bitrix24.times import OPERATING_MINUTE, PortalTimes

PORTAL, OTHER = "one.example.com", "two.example.com"
METHOD = "crm.item.list"
NOW = 1_800_000_000.0
"""2027-01-15 08:00 UTC."""


@pytest.fixture
def times() -> PortalTimes:
    return PortalTimes(lambda: NOW)


def test_a_blocked_method_is_free_when_its_last_answer_said(times: PortalTimes) -> None:
    times.learn(PORTAL, METHOD, {"operating": 479.5, "operating_reset_at": NOW + 300})
    times.learn(OTHER, METHOD, {"operating": 1.5, "operating_reset_at": NOW + 600})
    assert times.seconds_until_free(PORTAL, METHOD) == 300


@pytest.mark.parametrize(
    "time_block", [None, [], {}, {"operating_reset_at": "soon"}, {"operating_reset_at": NOW - 5}]
)
def test_a_blocked_method_without_a_known_end_is_tried_again_in_a_minute(
    times: PortalTimes, time_block: object
) -> None:
    times.learn(PORTAL, METHOD, time_block)
    assert times.seconds_until_free(PORTAL, METHOD) == OPERATING_MINUTE


def test_today_is_the_day_in_the_portals_time_zone(times: PortalTimes) -> None:
    times.learn(PORTAL, METHOD, {"date_start": "2027-01-15T22:00:00+14:00"})
    times.learn(OTHER, METHOD, {"date_start": "2027-01-14T20:00:00-12:00"})
    assert (times.today(PORTAL), times.today(OTHER)) == (date(2027, 1, 15), date(2027, 1, 14))


@pytest.mark.parametrize("date_start", [None, "", "yesterday", "2027-01-15T22:00:00"])
def test_without_a_time_zone_today_is_the_day_by_utc(
    times: PortalTimes, date_start: object
) -> None:
    times.learn(PORTAL, METHOD, {"date_start": date_start})
    assert times.today(PORTAL) == date(2027, 1, 15)
