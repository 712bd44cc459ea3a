"""The options of the suite, clients for the portal, and the fixtures of the facts."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from sandbox.conformance.report import SEEN, Report
from sandbox.conformance.rest import Rest
from sandbox.conformance.samples import Samples, phone

REPORT = pytest.StashKey[Report]()
Compare = Callable[..., None]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("conformance")
    group.addoption(
        "--portal", help="address of the portal, https://…; taken from the webhook by default"
    )
    group.addoption("--webhook", help="address of an inbound webhook of an administrator")
    group.addoption(
        "--token", help="access token of an application, for the facts that a webhook cannot show"
    )
    group.addoption(
        "--book",
        action="store_true",
        help="also make bookings in 2036: the portal creates deals and may message people",
    )
    group.addoption("--report", help="file for the table of facts")


def pytest_configure(config: pytest.Config) -> None:
    webhook = config.getoption("--webhook")
    if not webhook:
        raise pytest.UsageError("no portal given: set --webhook (and --portal)")
    if "://" not in (config.getoption("--portal") or webhook):
        raise pytest.UsageError("a webhook without an address needs --portal https://…")
    target = config.getoption("--report")
    report = Report(_portal_address(config), Path(target) if target else None)
    config.stash[REPORT] = report
    config.pluginmanager.register(report, "conformance-report")


def _portal_address(config: pytest.Config) -> str:
    parts = urlsplit(config.getoption("--portal") or config.getoption("--webhook"))
    return f"{parts.scheme}://{parts.netloc}"


@pytest.fixture(scope="session")
def portal(pytestconfig: pytest.Config) -> Rest:
    """Calls with the webhook, as an administrator."""
    given = pytestconfig.getoption("--webhook").strip("/")
    return Rest(given if "://" in given else f"{_portal_address(pytestconfig)}/rest/{given}")


@pytest.fixture(scope="session")
def may_book(pytestconfig: pytest.Config) -> None:
    """Skip what creates deals and may message people, unless asked for."""
    if not pytestconfig.getoption("--book"):
        pytest.skip("makes bookings and deals: ask for it with --book (BOOK=1)")


@pytest.fixture(scope="session")
def anonymous(pytestconfig: pytest.Config) -> Rest:
    """Calls without any authorization."""
    return Rest(f"{_portal_address(pytestconfig)}/rest")


@pytest.fixture(scope="session")
def token(pytestconfig: pytest.Config) -> str:
    given = pytestconfig.getoption("--token")
    if not given:
        pytest.skip("needs the token of an application")
    return str(given)


@pytest.fixture(scope="session")
def app(pytestconfig: pytest.Config, token: str) -> Rest:
    """Calls with the token of an application, as one of the users."""
    return Rest(f"{_portal_address(pytestconfig)}/rest", token)


@pytest.fixture(scope="session")
def samples(portal: Rest, pytestconfig: pytest.Config) -> Iterator[Samples]:
    samples = Samples(portal)
    try:
        yield samples
    finally:
        samples.clear()
        pytestconfig.stash[REPORT].left_behind = samples.left_behind


@pytest.fixture
def record_id(samples: Samples) -> int:
    """The id of a new record without clients."""
    return samples.create_record()


@pytest.fixture(scope="session")
def contact_id(samples: Samples) -> int:
    """The id of a contact without phone and mail."""
    return samples.create_contact()


@pytest.fixture(scope="session")
def company_id(samples: Samples) -> int:
    return samples.create_company()


@pytest.fixture(scope="session")
def shared_phone(samples: Samples) -> str:
    """A phone number of 52 contacts, more than a page has."""
    number = phone()
    samples.create_contacts(52, number)
    return number


@pytest.fixture
def report(record_property: Callable[[str, object], None]) -> Callable[[object], None]:
    """Put a value into the report, where the behavior is not documented."""
    return lambda value: record_property(SEEN, value)


@pytest.fixture
def compare(report: Callable[[object], None]) -> Compare:
    """Report whether the portal follows the docs or its source; both pass."""

    def report_side(value: Any, *, source: Any, docs: Any) -> None:
        names = [n for n, wanted in (("source", source), ("docs", docs)) if wanted == value]
        report(f"{' and '.join(names) or 'neither'}: {value}")

    return report_side
