"""Measures the main page in a browser: its bytes, and the times until it is shown."""

import gzip
import re
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright

from benchmarks.page_table import SLOWER, Painted
from benchmarks.ports import free_port
from benchmarks.tasks import measure_longest_task
from benchmarks.worker import APP, PAGES, WITH_PAGES, serving, settings
from sandbox import Sandbox
from tests.chromium import EXECUTABLE, HEADLESS, SWITCHES

MEASURE = """async () => {
  const shifts = await new Promise((resolve) => {
    const seen = (list) => resolve(list.getEntries().map(({ value }) => value));
    new PerformanceObserver(seen).observe({ type: 'layout-shift', buffered: true });
    setTimeout(resolve, 500, []);
  });
  const [page] = performance.getEntriesByType('navigation');
  return {
    page: page.encodedBodySize,
    files: performance.getEntriesByType('resource')
      .map((entry) => entry.name).filter((name) => /[.](js|css)$/.test(name)),
    first: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    rows: page.domContentLoadedEventEnd,
    shift: shifts.reduce((sum, value) => sum + value, 0),
  };
}"""


LARGEST = """() => new Promise((resolve) => {
  const tell = (list) => resolve(list.getEntries().at(-1).startTime);
  new PerformanceObserver(tell).observe({ type: 'largest-contentful-paint', buffered: true });
})"""
SCRIPT = re.compile(r'<script\b.*?</script>|<link rel="modulepreload"[^>]*>', re.DOTALL)
VISITS = 31


def measure_page(records: int, latency: float) -> Painted:
    """Open the main page twice on one worker, and measure the second time. The portal has limits.

    The worker knows the portal then, and the browser has nothing in its cache.
    """
    port = free_port()
    with (
        TemporaryDirectory() as folder,
        Sandbox(
            app_url=f"http://127.0.0.1:{port}", port=0, records=records, limits=True,
            latency=latency,
        ) as sandbox,
        serving(APP, port, settings(folder) | sandbox.environment()) as url,
        sync_playwright() as playwright,
    ):  # fmt: skip
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=SWITCHES)
        _open(browser, sandbox, url)
        return _open(browser, sandbox, url, types=True)


def measure_largest_paint(records: int) -> tuple[float, float]:
    """Return the largest paint of the main page on a slow processor, and without script.

    Both in ms, of the same page with all its rows, so that no portal is waited for. Each figure is
    the median of several visits. Chromium without a user interface does not look for forms to fill
    in, which would lay out the page without script once more, before its style sheet is there.
    """
    port = free_port()
    with (
        TemporaryDirectory() as folder,
        Sandbox(app_url=f"http://127.0.0.1:{port}", port=0, records=records) as sandbox,
        serving(
            WITH_PAGES, port, settings(folder) | sandbox.environment() | {PAGES: folder}
        ) as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=HEADLESS, args=SWITCHES)
        # The first visit installs the app.
        _open(browser, sandbox, url)
        page = browser.new_page()
        with page.expect_response(lambda one: one.url.partition("?")[0] == f"{url}/") as posted:
            page.goto(sandbox.url)
        whole = posted.value.text()
        page.close()
        for name, content in {"whole": whole, "plain": SCRIPT.sub("", whole)}.items():
            Path(folder, f"{name}.html").write_text(content, encoding="utf-8")
        visits = [
            (_visit(browser, f"{url}/pages/whole.html"), _visit(browser, f"{url}/pages/plain.html"))
            for _ in range(VISITS)
        ]
        return median(one for one, _ in visits), median(other for _, other in visits)


def _visit(browser: Browser, address: str) -> float:
    """Open a page with an empty cache. Nothing comes between browser and worker."""
    page = browser.new_page()
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(address, wait_until="networkidle")
    painted = float(page.evaluate(LARGEST))
    page.close()
    return painted


def _open(browser: Browser, sandbox: Sandbox, url: str, *, types: bool = False) -> Painted:
    page = browser.new_page()
    page.goto(sandbox.url)
    page.frame_locator("iframe[name*='|']").get_by_role("option").first.wait_for()
    app = next(one for one in page.frames if one.url.startswith(url))
    # Much is loaded after the page is there.
    app.wait_for_load_state("networkidle")
    measured = app.evaluate(MEASURE)
    content = gzip.compress(app.content().encode())
    task = measure_longest_task(browser, page, app) if types else 0
    page.close()
    files = [_file(name) for name in measured["files"]]
    return Painted(
        page=measured["page"],
        page_gzipped=len(content),
        files=sum(map(len, files)),
        files_gzipped=sum(len(gzip.compress(file)) for file in files),
        first=measured["first"],
        rows=measured["rows"],
        shift=measured["shift"],
        task=task,
    )


def _file(url: str) -> bytes:
    address = urlsplit(url)
    connection = HTTPConnection(address.netloc)
    connection.request("GET", address.path)
    return connection.getresponse().read()
