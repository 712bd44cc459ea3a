"""`make try`: what to fill into a portal's form for a local application, and whether it can work.

The names of the form's fields are those of the vendor's documentation, "Server-Side Local
Application with User Interface". Nothing is sent to the portal but one question without a token.
"""

import os
import sys
from collections.abc import Mapping
from urllib.parse import urlsplit

import requests
from dotenv import dotenv_values

from installation.manifest import Manifest, read_manifest
from settings import LOOPBACK_HOSTS, ROOT, SettingsError, base_url

TIMEOUT = 20
"""Seconds."""
FORM = "Applications > Developer resources > Common use cases > Other > Local application"
KEYS = {
    "B24_CLIENT_ID": "Application ID (client_id)",
    "B24_CLIENT_SECRET": "Application key (client_secret)",
}
"""Settings, and the fields of the saved form that show their values."""


class Missing(Exception):
    """The app can't be opened in the portal yet. The text is one line that says why."""


def main(portal: str, environ: Mapping[str, str]) -> int:
    """Print the fields of the form, check what they name, and return the exit code."""
    try:
        app_url, portal = _read_addresses(portal, environ)
        _print_form(read_manifest(), app_url)
        check_portal(portal)
        check_app(app_url, environ)
        known = check_frame(app_url, portal)
    except Missing as missing:
        print(f"Missing: {missing}", file=sys.stderr)
        return 1
    print(f"\n{app_url} answers, and a portal can show it in its frame.")
    next_step = "Open the app there." if known else "Save the form, then open the app there."
    print(f"{portal} answers as a portal does. {next_step}")
    return 0


def _read_addresses(portal: str, environ: Mapping[str, str]) -> tuple[str, str]:
    """Return APP_URL and the portal's origin. Raises Missing."""
    app_url = environ.get("APP_URL", "").strip()
    if not app_url:
        raise Missing("APP_URL; start a tunnel to the app and set APP_URL=https://… to its address")
    parts = urlsplit(portal if "://" in portal else f"https://{portal}")
    try:
        portal = base_url("PORTAL", f"{parts.scheme}://{parts.netloc}", allow_loopback=True)
        app_url = base_url("APP_URL", app_url, allow_loopback=True)
    except SettingsError as error:
        raise Missing(str(error)) from None
    if is_loopback(app_url) and not is_loopback(portal):
        raise Missing(f"a public address; {portal} cannot reach {app_url}, so start a tunnel")
    return app_url, portal


def is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in LOOPBACK_HOSTS


def _print_form(manifest: Manifest, app_url: str) -> None:
    fields = {
        "Type": "Server",
        "Initial installation path": app_url + manifest.pages.installer,
        "Your handler path": app_url + manifest.pages.application,
        **{f"Menu item text ({code})": title for code, title in manifest.title.items()},
        "Assign permissions": ", ".join(manifest.scopes),
    }
    print(f"In Bitrix24: {FORM}\n")
    for name, value in fields.items():
        print(f"  {name:28}{value}")
    print("\nThe saved form shows two keys. Put them into .env and start the app again:\n")
    for setting, name in KEYS.items():
        print(f"  {setting:28}{name}")


def check_portal(portal: str) -> None:
    """Ask the portal's REST without a token; it refuses with an error code. Raises Missing."""
    response = _ask("GET", f"{portal}/rest/app.info")
    try:
        refused = "error" in response.json()
    except ValueError:
        refused = False
    if not refused:
        raise Missing(f"a portal; {portal} does not answer as Bitrix24's REST does")


def check_app(app_url: str, environ: Mapping[str, str]) -> None:
    """Check that the app itself answers at its public address. Raises Missing."""
    try:
        health = _ask("GET", f"{app_url}/healthz")
    except Missing as missing:
        unset = " and ".join(name for name in KEYS if not environ.get(name))
        raise Missing(f"{missing}; it needs {unset}" if unset else str(missing)) from None
    if (health.status_code, health.text) != (200, "ok\n"):
        code = health.status_code
        raise Missing(f"the app; {app_url}/healthz answers {code}, and not with ok")
    page = _ask("HEAD", f"{app_url}/")
    if page.is_redirect:
        to = page.headers["Location"]
        raise Missing(f"the final address; {app_url}/ redirects to {to}, so set APP_URL to it")
    if page.status_code != 200:
        raise Missing(f"an answer to HEAD; {app_url}/ answers {page.status_code}")


def check_frame(app_url: str, portal: str) -> bool:
    """Post a launch without tokens, and check who may frame the answer. Raises Missing.

    Returns whether the app knows the portal already.
    """
    domain = urlsplit(portal).netloc
    answer = _ask("POST", f"{app_url}/?DOMAIN={domain}", data={"AUTH_ID": "", "status": "L"})
    if answer.status_code >= 500:
        raise Missing(f"an answer to POST; {app_url}/ answers {answer.status_code}")
    if "X-Frame-Options" in answer.headers:
        raise Missing("a frame; a proxy adds X-Frame-Options, which has to go")
    policies = answer.headers.get("Content-Security-Policy", "").split(",")
    ancestors = [
        directive.removeprefix("frame-ancestors ")
        for policy in policies
        for directive in map(str.strip, policy.split(";"))
        if directive.startswith("frame-ancestors ")
    ]
    if len(policies) != 1 or ancestors not in ([portal], ["'none'"]):
        raise Missing("a frame; a proxy has changed Content-Security-Policy")
    return ancestors == [portal]


def _ask(method: str, url: str, **options: object) -> requests.Response:
    try:
        return requests.request(method, url, timeout=TIMEOUT, allow_redirects=False, **options)  # type: ignore[arg-type]
    except requests.exceptions.SSLError:
        raise Missing(f"a valid certificate; {url} has none that this computer trusts") from None
    except requests.RequestException as error:
        raise Missing(f"an answer; {url} gives none ({type(error).__name__})") from None


if __name__ == "__main__":
    settings = {name: value or "" for name, value in dotenv_values(ROOT / ".env").items()}
    sys.exit(main(os.environ.get("PORTAL", ""), settings | os.environ))
