"""Firefox, driven over WebDriver BiDi without a driver program.

Protocol: https://w3c.github.io/webdriver-bidi/. Firefox serves it itself behind
`--remote-debugging-port`, so nothing but the browser is needed.
"""

from __future__ import annotations

import base64
import itertools
import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websocket import WebSocket, create_connection

from tests.browser.engines.engine import ELEMENTS, MAY_BE, PATIENCE, wait_until

VIEWPORT = {"width": 1366, "height": 768}
PREFERENCES = """user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("app.normandy.enabled", false);
user_pref("services.settings.server", "http://127.0.0.1:9");
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("browser.safebrowsing.malware.enabled", false);
user_pref("browser.safebrowsing.phishing.enabled", false);
user_pref("browser.newtabpage.enabled", false);
user_pref("browser.startup.page", 0);
user_pref("dom.ipc.processPrelaunch.enabled", false);
user_pref("extensions.enabledScopes", 0);
user_pref("toolkit.telemetry.unified", false);
"""
"""Nothing is fetched from elsewhere while the tests run, and nothing started without need."""


class BidiError(Exception):
    """The browser refused a command."""


class Firefox:
    """One tab. `complaints` holds the errors and warnings of the page's console."""

    def __init__(self, socket: WebSocket) -> None:
        self.complaints: list[str] = []
        self._socket = socket
        self._ids = itertools.count(1)
        self.command("session.new", capabilities={})
        self.command("session.subscribe", events=["log.entryAdded"])
        (tab,) = self.command("browsingContext.getTree")["contexts"]
        self._tab: str = tab["context"]
        self.command("browsingContext.setViewport", context=self._tab, viewport=VIEWPORT)

    def command(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its result; events that come before it are noted."""
        id = next(self._ids)
        self._socket.send(json.dumps({"id": id, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == id:
                break
            entry = message.get("params", {})
            if message["type"] == "event" and entry.get("level") in {"error", "warn"}:
                self.complaints.append(str(entry.get("text")))
        if message["type"] == "error":
            raise BidiError(f"{message['error']}: {message['message']}")
        return dict(message["result"])

    def open(self, url: str) -> None:
        self.command("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def texts(self, role: str, name: str | None = None) -> list[str]:
        try:
            return self._texts(self._find(role, name))
        except BidiError:  # replaced in between
            return []

    def click(self, role: str, name: str, *, index: int = 0) -> None:
        def clicked() -> bool:
            try:
                nodes = self._find(role) if role == "option" else self._find(role, name)
                if role == "option":
                    texts = self._texts(nodes)
                    nodes = [node for node, text in zip(nodes, texts, strict=True) if name in text]
                if len(nodes) <= index:
                    return False
                self._click(nodes[index])
            except BidiError:  # replaced or hidden in between; nothing was pressed
                return False
            return True

        wait_until(clicked, f"no {role} {name!r}")

    def type(self, text: str) -> None:
        keys = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keyboard", "actions": keys})

    def screenshot(self) -> bytes:
        answer = self.command("browsingContext.captureScreenshot", context=self._tab)
        return base64.b64decode(answer["data"])

    @property
    def _frame(self) -> str:
        """The app's frame. A page that is loaded anew has another one."""
        (tab,) = self.command("browsingContext.getTree", root=self._tab)["contexts"]
        return str(tab["children"][0]["context"])

    def _find(self, role: str, name: str | None = None) -> list[dict[str, Any]]:
        # On a busy machine Firefox takes half a minute to tell the roles of all buttons or options.
        elements = self._call(MAY_BE, _text(ELEMENTS[role]), _text(name or ""))["value"]
        has_role = name is None and ELEMENTS[role] == f"[role={role}]"
        if has_role or not elements:
            return list(elements)
        value = {"role": role} if name is None else {"role": role, "name": name}
        answer = self.command(
            "browsingContext.locateNodes",
            context=self._frame,
            locator={"type": "accessibility", "value": value},
            startNodes=_references(elements),
        )
        return list(answer["nodes"])

    def _texts(self, nodes: list[dict[str, Any]]) -> list[str]:
        texts = self._call("(...all) => all.map((one) => one.innerText)", *_references(nodes))
        return [str(text["value"]) for text in texts["value"]]

    def _call(self, function: str, *arguments: dict[str, Any]) -> dict[str, Any]:
        answer = self.command(
            "script.callFunction",
            functionDeclaration=function,
            awaitPromise=False,
            target={"context": self._frame},
            arguments=arguments,
        )
        if answer["type"] == "exception":
            raise BidiError(answer["exceptionDetails"]["text"])
        return dict(answer["result"])

    def _click(self, node: dict[str, Any]) -> None:
        scroll = "(element) => element.scrollIntoView({block: 'nearest'})"
        self._call(scroll, *_references([node]))
        origin = {"type": "element", "element": {"sharedId": node["sharedId"]}}
        move = {"type": "pointerMove", "x": 0, "y": 0, "origin": origin}
        press = [{"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp")]
        self._act({"type": "pointer", "id": "mouse", "actions": [move, *press]})

    def _act(self, source: dict[str, Any]) -> None:
        self.command("input.performActions", context=self._frame, actions=[source])


def _text(value: str) -> dict[str, Any]:
    return {"type": "string", "value": value}


def _references(nodes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"sharedId": node["sharedId"]} for node in nodes]


@contextmanager
def firefox(executable: str, profile: Path) -> Iterator[Firefox]:
    """Start Firefox with an empty profile and close it at the end."""
    profile.mkdir()
    (profile / "user.js").write_text(PREFERENCES)
    log = profile / "log.txt"
    arguments = ["--headless", "--no-remote", "--profile", str(profile)]
    with log.open("w") as output:
        process = subprocess.Popen(
            [executable, *arguments, "--remote-debugging-port", "0", "about:blank"],
            stdout=output,
            stderr=output,
        )
    try:
        address = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
        wait_until(lambda: bool(address.search(log.read_text())), "Firefox does not start")
        match = address.search(log.read_text())
        assert match
        socket = create_connection(f"{match[1]}/session", timeout=PATIENCE, suppress_origin=True)
        try:
            running = Firefox(socket)
            yield running
            running.command("browser.close")
        finally:
            socket.close()
    finally:
        try:
            process.wait(timeout=PATIENCE if process.poll() is None else 0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
