"""An application that sends the frame's messages by hand, without an SDK."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, request

from sandbox.net.server import Server

_PAGE = """<!doctype html><html lang="en"><title>app</title><link rel="icon" href="data:,">
<h1>{path}</h1><p id="posted">{posted}</p>
<script>
const [host, , sid] = window.name.split("|");
const origin = "http://" + host;
const waiting = {{}};
window.answers = [];
addEventListener("message", (event) => {{
  if (event.origin !== origin) return;
  const at = event.data.indexOf(":");
  const [id, json] = [event.data.slice(0, at), event.data.slice(at + 1)];
  answers.push(id);
  waiting[id]?.(json ? JSON.parse(json) : "");
}});
// As text with colons inside, as the SDK sends it; `as` = "object" for its other form.
window.send = (command, params, as, from = sid) => new Promise((done) => {{
  const id = command + "_" + Math.random().toString(36).slice(2);
  waiting[id] = done;
  const text = [command, ...(params ? [JSON.stringify(params)] : []), id, from].join(":");
  const object = {{ method: command, params, callback: id, appSid: from }};
  parent.postMessage(as === "object" ? object : text, origin);
}});
// null when the portal has not answered within that time
window.patient = (promise, ms = 400) =>
  Promise.race([promise, new Promise((done) => setTimeout(() => done(null), ms))]);
</script>"""


@contextmanager
def frame_app() -> Iterator[str]:
    """The base URL of the running page."""
    app = Flask("frame_app")

    @app.route("/", methods=["GET", "POST"])
    @app.route("/<path:path>", methods=["GET", "POST"])
    def page(path: str = "") -> str:
        return _PAGE.format(path=f"/{path}", posted=",".join(request.form))

    server = Server(0, app)
    server.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.close()
