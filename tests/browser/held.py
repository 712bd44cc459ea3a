"""Requests of a page that a test holds back until it has seen what it waits for."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route

from tests.browser.desk import Desk


class HeldRequests:
    """The requests to addresses like `pattern`, kept instead of being sent."""

    def __init__(self, desk: Desk, pattern: str | re.Pattern[str]) -> None:
        self._page: Page = desk.page
        self._pattern = pattern
        self._routes: list[Route] = []
        self._holding = True
        self._page.route(pattern, self._hold)

    def _hold(self, route: Route) -> None:
        if self._holding:
            self._routes.append(route)
        else:
            route.continue_()

    def __len__(self) -> int:
        return len(self._routes)

    def __getitem__(self, at: int) -> Route:
        """Wait for a request, and return it. It is told later than the action that caused it."""
        for _ in range(1_500):
            if len(self._routes) > at:
                return self._routes[at]
            self._page.wait_for_timeout(20)
        raise AssertionError(f"no request number {at} to {self._pattern}")

    def stop(self) -> None:
        """Wait for the first request, keep what came, and send later requests."""
        self[0]
        self._holding = False

    def release(self) -> None:
        """Wait for the first request, and send what came and later requests."""
        self.stop()
        for route in self._routes:
            route.continue_()
