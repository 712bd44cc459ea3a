"""Options, the ways into the portal, and the fixtures that facts are written with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from sandbox.conformance.report import SEEN, Report
from sandbox.conformance.rest import Rest
from sandbox.conformance.workshop import Workshop, phone

REPORT = pytest.StashKey[Report]()
Sides = Callable[..., None]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("conformance")
    group.addoption("--portal", help="address of the portal, https://…")
    group.addoption("--webhook", help="inbound webhook of an administrator: its whole address")
    group.addoption("--token", help="an application's access token, for facts a webhook hides")
    group.addoption("--report", help="file for the table of facts")


def pytest_configure(config: pytest.Config) -> None:
    webhook = config.getoption("--webhook")
    if not webhook:
        raise pytest.UsageError("which portal? Give --webhook (and --portal)")
    if "://" not in (config.getoption("--portal") or webhook):
        raise pytest.UsageError("a webhook without its address needs --portal https://…")
    target = config.getoption("--report")
    report = Report(_base(config), Path(target) if target else None)
    config.stash[REPORT] = report
    config.pluginmanager.register(report, "conformance-report")


def _base(config: pytest.Config) -> str:
    parts = urlsplit(config.getoption("--portal") or config.getoption("--webhook"))
    return f"{parts.scheme}://{parts.netloc}"


@pytest.fixture(scope="session")
def portal(pytestconfig: pytest.Config) -> Rest:
    """The portal, entered by the webhook: an administrator."""
    given = pytestconfig.getoption("--webhook").strip("/")
    return Rest(given if "://" in given else f"{_base(pytestconfig)}/rest/{given}")


@pytest.fixture(scope="session")
def stranger(pytestconfig: pytest.Config) -> Rest:
    """The portal, entered by nobody."""
    return Rest(f"{_base(pytestconfig)}/rest")


@pytest.fixture(scope="session")
def token(pytestconfig: pytest.Config) -> str:
    given = pytestconfig.getoption("--token")
    if not given:
        pytest.skip("needs an application's token")
    return str(given)


@pytest.fixture(scope="session")
def app(pytestconfig: pytest.Config, token: str) -> Rest:
    """The portal, entered by an application for one of its users."""
    return Rest(f"{_base(pytestconfig)}/rest", token)


@pytest.fixture(scope="session")
def workshop(portal: Rest, pytestconfig: pytest.Config) -> Iterator[Workshop]:
    shop = Workshop(portal)
    try:
        yield shop
    finally:
        shop.clear()
        pytestconfig.stash[REPORT].left_behind = shop.left_behind


@pytest.fixture
def record(workshop: Workshop) -> int:
    """A new record without clients."""
    return workshop.record()


@pytest.fixture(scope="session")
def someone(workshop: Workshop) -> int:
    """A contact without phone and mail."""
    return workshop.contact()


@pytest.fixture(scope="session")
def firm(workshop: Workshop) -> int:
    return workshop.company()


@pytest.fixture(scope="session")
def shared(workshop: Workshop) -> str:
    """A phone number that more contacts have than a page holds."""
    number = phone()
    workshop.contacts(52, number)
    return number


@pytest.fixture
def observed(record_property: Callable[[str, object], None]) -> Callable[[object], None]:
    """Reported whatever it is: nobody documents what a portal does here."""
    return lambda value: record_property(SEEN, value)


@pytest.fixture
def sides(observed: Callable[[object], None]) -> Sides:
    """Docs and source disagree: report whom the portal follows, and fail neither way."""

    def reporting(value: Any, *, source: Any, docs: Any) -> None:
        names = [n for n, wanted in (("source", source), ("docs", docs)) if wanted == value]
        observed(f"{' and '.join(names) or 'neither'}: {value}")

    return reporting
