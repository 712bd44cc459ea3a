"""WebKitGTK, driven by its own WebDriver on a screen that nobody sees."""

from __future__ import annotations

import glob
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Remote
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from tests.browser.engines.engine import ELEMENTS, MAY_BE, wait_until

MINI_BROWSERS = "/usr/lib/*/webkit2gtk-4.*/MiniBrowser"


class WebKit:
    """One window. WebKit's driver does not tell what stands in the console."""

    def __init__(self, driver: Remote) -> None:
        self.complaints: list[str] = []
        self._driver = driver
        driver.set_window_size(1366, 768)

    def open(self, url: str) -> None:
        self._driver.get(url)
        frames = (By.TAG_NAME, "iframe")
        wait_until(lambda: bool(self._driver.find_elements(*frames)), "no frame")
        self._driver.switch_to.frame(self._driver.find_element(*frames))

    def texts(self, role: str, name: str | None = None) -> list[str]:
        try:
            return [element.text for element in self._find(role, name)]
        except WebDriverException:  # replaced in between; the driver has several words for it
            return []

    def click(self, role: str, name: str, *, index: int = 0) -> None:
        def clicked() -> bool:
            try:
                if role == "option":
                    found = [element for element in self._find(role) if name in element.text]
                else:
                    found = self._find(role, name)
                if len(found) <= index:
                    return False
                found[index].click()
            except WebDriverException:
                return False
            return True

        wait_until(clicked, f"no {role} {name!r}")

    def type(self, text: str) -> None:
        ActionChains(self._driver).send_keys(text).perform()

    def screenshot(self) -> bytes:
        return self._driver.get_screenshot_as_png()

    def _find(self, role: str, name: str | None = None) -> list[WebElement]:
        # WebDriver finds no element by its role, so these candidates are asked for their names.
        script = f"return ({MAY_BE})(...arguments)"
        found: list[WebElement] = self._driver.execute_script(script, ELEMENTS[role], name or "")
        return found if name is None else [one for one in found if one.accessible_name == name]


@contextmanager
def webkit(driver_path: str) -> Iterator[WebKit]:
    """Start a screen without a display, WebKit's driver and its browser."""
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1366x900x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert screen.stdout
        environment = {
            **os.environ,
            "DISPLAY": f":{screen.stdout.readline().strip()}",
            # Its sandbox needs rights that a container does not give.
            "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
        }
        options = Options()
        options.binary_location = glob.glob(MINI_BROWSERS)[0]
        options.add_argument("--automation")
        service = Service(driver_path, env=environment)
        service.start()
        try:
            connection = RemoteConnection(client_config=ClientConfig(service.service_url))
            with Remote(connection, options=options) as driver:
                yield WebKit(driver)
        finally:
            service.stop()
    finally:
        screen.kill()
        screen.communicate()
