"""The main flow in Firefox and in WebKit: find a record, add a customer, save, undo."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import Sandbox
from tests.browser.desk import ARTIFACTS, WITH_SCREENSHOTS, sandbox_with_app
from tests.browser.engines.engine import Engine, wait_until
from tests.browser.engines.firefox import firefox
from tests.browser.engines.webkit import webkit

pytestmark = pytest.mark.browser

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
WEBKIT_DRIVER = shutil.which("Xvfb") and shutil.which("WebKitWebDriver")


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with sandbox_with_app(tmp_path, installed=True, records=30) as running:
        yield running


def run_main_flow(engine: Engine, sandbox: Sandbox, name: str) -> None:
    """Add a customer to the newest record by keyboard, save, and undo."""
    portal = sandbox.portals[0]
    number = max(portal.records)
    before = portal.clients(number)
    kept = [id for kind, id in before if kind == "CONTACT"]
    newcomer = next(id for id in portal.state.contacts if id not in kept)
    fields = portal.state.contacts[newcomer].fields
    full_name = f"{fields['name']} {fields['lastName']}"

    engine.open(portal.url)
    engine.click("searchbox", "Search the waiting list")
    engine.type(f"#{number}")
    # A second option offers a new customer, as soon as CRM has been searched.
    wait_until(lambda: len(engine.texts("option")) in {1, 2}, "the search finds one record")
    engine.click("option", "")
    engine.click("combobox", "Add a customer")
    engine.type(str(fields["lastName"]))
    engine.click("option", full_name)
    wait_until(
        lambda: any(full_name in text for text in engine.texts("listitem")), "the new customer"
    )
    engine.click("textbox", "Note")
    engine.type(" Asked for 15 May.")
    # Not later: *Undo* is offered for some time only, and a picture may take long.
    if WITH_SCREENSHOTS:
        ARTIFACTS.mkdir(exist_ok=True)
        (ARTIFACTS / f"{name}.png").write_bytes(engine.screenshot())
    engine.click("button", "Save")
    wait_until(lambda: any("Saved" in text for text in engine.texts("status")), "Saved")
    assert portal.clients(number) == [*before, ("CONTACT", newcomer)]
    engine.click("button", "Undo")
    wait_until(lambda: portal.clients(number) == before, "the change is undone")


@pytest.mark.skipif(not FIREFOX, reason="Firefox is not installed")
def test_a_customer_is_added_and_undone_in_firefox(sandbox: Sandbox, tmp_path: Path) -> None:
    assert FIREFOX
    with firefox(FIREFOX, tmp_path / "profile") as engine:
        run_main_flow(engine, sandbox, "firefox")
        assert engine.complaints == []


@pytest.mark.skipif(not WEBKIT_DRIVER, reason="WebKit's driver or Xvfb is not installed")
def test_a_customer_is_added_and_undone_in_webkit(sandbox: Sandbox) -> None:
    assert WEBKIT_DRIVER
    with webkit(WEBKIT_DRIVER) as engine:
        run_main_flow(engine, sandbox, "webkit")
