"""Rules about what the app answers, before and after the installation."""

import json
import re
from typing import Any

import requests

from checks.market.rules import Broken, Rule, require, require_none
from checks.market.scene import Scene
from installation.manifest import read_manifest
from sandbox.rest.call import METHODS
from settings import ROOT, SettingsError, load
from web.http.i18n import PORTAL_LANGUAGES

LEGAL = ("/legal/license", "/legal/privacy")
TECHNICAL = re.compile(r"Traceback|werkzeug|sqlalchemy\.exc|jinja2|Internal Server Error")
METHOD = re.compile(r'Command\(\s*"([a-z][\w.]*)"')
LAYERS = ("bitrix24", "installation", "oauth", "waitlist", "web")


def addresses() -> list[str]:
    """Return every path that the Market card and the manifest name."""
    manifest = read_manifest()
    places = [place.handler for place in manifest.placements]
    return sorted({manifest.pages.application, manifest.pages.installer, *places, *LEGAL})


def answer_probes(scene: Scene) -> str:
    found = {}
    for path in addresses():
        url = f"{scene.settings.app_url}{path}"
        for verb in ("HEAD", "GET"):
            answer = requests.request(verb, url, timeout=20, allow_redirects=False)
            if answer.status_code not in {200, 301, 302}:
                found[f"{verb} {path}"] = answer.status_code
    require_none(found, "other answers")
    return f"200 to HEAD and GET of {len(addresses())} addresses"


def no_empty_answer(scene: Scene) -> str:
    pages = {path: scene.get(path) for path in addresses()}
    empty = [path for path, page in pages.items() if len(_words(page.text)) < 5]
    require_none(empty, "pages without words")
    charsets = {page.headers["Content-Type"].lower() for page in pages.values()}
    require(charsets == {"text/html; charset=utf-8"}, f"content types {charsets}")
    return "words on every page, in UTF-8"


def legal_pages(scene: Scene) -> str:
    titles = {}
    for language in read_manifest().title:
        for path in LEGAL:
            page = scene.get(path, params={"lang": language})
            tag = PORTAL_LANGUAGES.get(language, language).replace("_", "-")
            require(f'<html lang="{tag}"' in page.text, f"{path} in {language} is in another")
            require("Content-Disposition" not in page.headers, f"{path} is a download")
            titles[path, language] = re.findall(r"<h1>(.*?)</h1>", page.text)[0]
    english = {titles[path, "en"] for path in LEGAL}
    foreign = [key for key, title in titles.items() if key[1] != "en" and title in english]
    require_none(foreign, "not translated")
    return f"{len(titles)} pages, each in its language"


def license_names_app(scene: Scene) -> str:
    name = read_manifest().name
    texts = {
        lang: scene.get(LEGAL[0], params={"lang": lang}).text for lang in read_manifest().title
    }
    require_none([lang for lang, text in texts.items() if name not in text], f"no {name} in")
    return f"{name} in {len(texts)} languages"


def privacy_is_complete(scene: Scene) -> str:
    """Compare the languages. The suite compares the sentences with the tables."""
    counts = {}
    for language in read_manifest().title:
        text = scene.get(LEGAL[1], params={"lang": language}).text
        days = (scene.settings.history_retention_days, scene.settings.log_retention_days)
        require(all(str(number) in text for number in days), f"{language} names no days")
        counts[language] = text.count("<li>")
    require(len(set(counts.values())) == 1, f"sentences by language: {counts}")
    return f"{counts['en']} kinds of data, with how long, in {len(counts)} languages"


def frame_without_portal(scene: Scene) -> str:
    headers = scene.get("/").headers
    require("frame-ancestors 'none'" in headers["Content-Security-Policy"], "no frame-ancestors")
    require("X-Frame-Options" not in headers, "X-Frame-Options")
    return "frame-ancestors 'none' where no portal is known, no X-Frame-Options"


def errors_without_technique(scene: Scene) -> str:
    url = scene.settings.app_url
    answers = {
        "unknown address": scene.get("/no-such-page"),
        "wrong verb": requests.delete(f"{url}/", timeout=20),
        "empty launch": requests.post(f"{url}/", timeout=20),
        "malformed launch": requests.post(
            f"{url}/", {"AUTH_ID": "\0", "DOMAIN": "<b>"}, timeout=20
        ),
        "empty event": requests.post(f"{url}/events", timeout=20),
        "large form": requests.post(f"{url}/install", {"x": "x" * 600_000}, timeout=20),
    }
    wrong = {
        what: answer.status_code
        for what, answer in answers.items()
        if not 400 <= answer.status_code < 500 or TECHNICAL.search(answer.text)
    }
    require_none(wrong, "these answers")
    return f"{len(answers)} wrong requests get a plain answer with 4xx"


def only_https(scene: Scene) -> str:
    environ = {
        "B24_CLIENT_ID": "local.1",
        "B24_CLIENT_SECRET": "secret",
        "APP_URL": "http://app.example.com",
        "SECRET_KEY": "signs-the-sessions-of-this-check",
        "TOKEN_KEYS": ",".join(scene.settings.token_keys),
    }
    try:
        load(environ)
    except SettingsError as error:
        require("https" in str(error), str(error))
        return f"the app does not start otherwise: {error}"
    raise Broken("the app starts with http")


def log_is_kept(scene: Scene) -> str:
    days = scene.settings.log_retention_days
    require(days >= 3, f"{days} days")
    before = len(_journal(scene))
    scene.portal.requests.clear()
    scene.open(scene.regular_user)
    lines, asked = _journal(scene), len(scene.portal.requests)
    require(len(lines) - before >= asked > 0, f"{len(lines) - before} lines for {asked} requests")
    calls = [call for line in lines for call in line.get("calls", [line])]
    asked_and_told = {"method", "params", "answer"}
    require_none([one for one in calls if not asked_and_told <= set(one)][:1], "incomplete lines")
    return f"{len(lines)} requests with their answers, kept for {days} days"


def no_secret_anywhere(scene: Scene) -> str:
    """Search all addresses, answers and files for every token and key of this run."""
    scene.secrets.add(scene.portal.application_token)
    shown = "".join(scene.recorder.addresses + scene.recorder.answers)
    files = [path for path in scene.folder.rglob("*") if path.is_file()]
    kept = "".join(path.read_bytes().decode("latin-1") for path in files)
    texts = {"an address or a page": shown, "a file": kept}
    found = [where for where, text in texts.items() if any(word in text for word in scene.secrets)]
    require_none(found, "a secret is in")
    count = len(scene.recorder.addresses)
    return f"{len(scene.secrets)} secrets, none in {count} answers and {len(files)} files"


def no_cookie_in_frame(scene: Scene) -> str:
    cookies = [answer for answer in scene.recorder.answers if "'Set-Cookie'" in answer]
    require_none(cookies, "cookies")
    return "no cookie in any answer"


def no_password(scene: Scene) -> str:
    """Only OAuth 2.0: the app has neither a log-in form nor a webhook's address."""
    pages = "".join(scene.recorder.answers)
    require('type="password"' not in pages, "a field for a password")
    require(not re.search(r"/rest/\d+/[a-z0-9]{16}/", pages), "the address of a webhook")
    asked = {request.auth for request in scene.portal.requests}
    require(asked <= {"oauth", None}, f"calls by {asked}")
    return "all calls carry an OAuth token"


def no_spare_scope(scene: Scene) -> str:
    files = [path for layer in LAYERS for path in (ROOT / layer).rglob("*.py")]
    called = {name for path in files for name in METHOD.findall(path.read_text())}
    called |= {name for request in scene.portal.requests for name in request.methods}
    needed = {METHODS[name.lower()].scope for name in called if name.lower() in METHODS} - {None}
    asked = set(read_manifest().scopes)
    require(asked == needed, f"asked for {sorted(asked)}, called {sorted(map(str, needed))}")
    return f"{len(called)} methods need just {', '.join(sorted(asked))}"


def _journal(scene: Scene) -> list[dict[str, Any]]:
    files = sorted(scene.settings.log_dir.glob("rest-*.jsonl"))
    return [json.loads(line) for path in files for line in path.read_text().splitlines()]


def _words(page: str) -> list[str]:
    body = page.partition("<main")[2]
    return re.sub(r"<[^>]+>", " ", body.partition(">")[2]).split()


PUBLIC = (
    Rule("Every address answers HEAD and GET", answer_probes),
    Rule("No address has an empty page or a wrong encoding", no_empty_answer),
    Rule("License and privacy policy open in the browser, in each language", legal_pages),
    Rule("The license agreement has the app's name", license_names_app),
    Rule("The privacy policy says what is stored and for how long", privacy_is_complete),
    Rule("Only a verified portal may frame a page", frame_without_portal),
    Rule("Errors show no technical text", errors_without_technique),
    Rule("The app is reached over https only", only_https),
)
"""Rules about addresses that are open to everyone."""

INSIDE = (
    Rule("Only OAuth 2.0, no password", no_password),
    Rule("No scope is asked for that no call needs", no_spare_scope),
    Rule("REST requests and answers are logged for 3 days or more", log_is_kept),
    Rule("No cookie is needed in the frame", no_cookie_in_frame),
    Rule("No token is in an address, a page, a log or the database", no_secret_anywhere),
)
"""Rules about all that the app has done so far."""
