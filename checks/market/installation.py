"""Rules about installing, updating and removing the app."""

import re
import tempfile
from pathlib import Path

import requests
from sqlalchemy import select

from app import create_app
from bitrix24.limits import Limits
from checks.market.rules import Rule, require, require_none
from checks.market.scene import OPTION, Scene
from installation.manifest import read_manifest
from sandbox import Sandbox
from sandbox.portal import lifecycle
from settings import load
from store.schema import metadata
from tests.cast import ADMINISTRATOR
from web.services import services_of


def before_installation(scene: Scene) -> str:
    page = scene.open(scene.regular_user)
    require(page.startswith("200 "), page[:4])
    require("Only an administrator of this Bitrix24 can set up the app." in page, "other words")
    return "a user reads that an administrator has to set up the app"


def installs(scene: Scene) -> str:
    """Open the app as an administrator, as a portal does after *Install*."""
    page = scene.open(scene.administrator)
    require("Everything is set up." in page, "the installer did not finish")
    require("data-finish" in page, "nothing leads on to the app")
    require(lifecycle.finish_install(scene.portal, ADMINISTRATOR), "installFinish was refused")
    require(scene.sandbox.events.wait_idle(), "the events of the installation are on their way")
    page = scene.open(scene.administrator)
    count = page.count(OPTION)
    require(count == len(scene.portal.records), f"{count} records")
    return f"the installer leads to the page with all {count} records"


def binds_what_it_names(scene: Scene) -> str:
    wanted = {place.placement for place in read_manifest().placements}
    bound = [row.placement for row in scene.portal.state.placements]
    require(sorted(bound) == sorted(wanted), f"bound {bound}")
    events = sorted(row.event.upper() for row in scene.portal.state.event_handlers)
    require(events == sorted(read_manifest().events.names), f"events {events}")
    return f"{len(bound)} placements and {len(events)} events, as in install.json"


def titles_in_each_language(scene: Scene) -> str:
    languages = set(read_manifest().title)
    missing = [
        row.placement for row in scene.portal.state.placements if set(row.lang_all) != languages
    ]
    require_none(missing, "titles missing at")
    return f"every placement has a title in {len(languages)} languages"


def installs_twice(scene: Scene) -> str:
    before = [row.id for row in scene.portal.state.placements]
    scene.portal.installed = False
    page = scene.open(scene.administrator)
    lifecycle.finish_install(scene.portal, ADMINISTRATOR)
    require("Everything is set up." in page, "the installer did not finish")
    after = [row.id for row in scene.portal.state.placements]
    require(before == after, f"bindings {before}, then {after}")
    return "the second installation binds nothing twice"


def survives_update(scene: Scene) -> str:
    lifecycle.update(scene.portal)
    require("Everything is set up." in scene.open(scene.administrator), "the installer failed")
    lifecycle.finish_install(scene.portal, ADMINISTRATOR)
    scene.sandbox.events.wait_idle()
    binds_what_it_names(scene)
    return "after an update the installer binds everything again"


def works_on_premises(_scene: Scene) -> str:
    """Install on a portal with a port and a certificate of its own authority."""
    with (
        tempfile.TemporaryDirectory() as name,
        Sandbox(port=0, tls=True, records=20, app_url="http://127.0.0.1:5999") as sandbox,
    ):
        folder, portal = Path(name), sandbox.portals[0]
        environ = {
            **sandbox.environment(),
            "B24_OAUTH_URLS": sandbox.tls_oauth_url,
            "B24_CA_BUNDLE": str(sandbox.ca_file),
            "SECRET_KEY": "signs-the-sessions-of-this-check",
            "TOKEN_KEYS": "bmV2ZXItdXNlZC1hbnl3aGVyZS1lbHNlLTAxMjM0NTY=",
            "DATABASE_URL": f"sqlite:///{folder / 'app.db'}",
            "LOG_DIR": str(folder / "log"),
        }
        app = create_app(load(environ), limits=Limits())
        launch = requests.post(
            f"{portal.tls_url}/_sandbox/launch",
            json={"user_id": ADMINISTRATOR},
            verify=str(sandbox.ca_file),
            timeout=20,
        ).json()["result"]
        query = {"DOMAIN": portal.tls_domain, "PROTOCOL": "1", "LANG": "en"}
        page = app.test_client().post("/", query_string=query, data=launch["body"])
        services_of(app).engine.dispose()
        require("Everything is set up." in page.text, f"{page.status}: {_said(page.text)}")
        policy = page.headers["Content-Security-Policy"]
        require(f"frame-ancestors {portal.tls_url}" in policy, policy)
    return "installed at its own domain, port and private certificate"


def uninstalls_clean(scene: Scene) -> str:
    """Remove the app with its data, let the grace period pass, and read every table."""
    names = {customer.title for customer in scene.portal.state.contacts.values()}
    lifecycle.uninstall(scene.portal, clean=True)
    scene.sandbox.events.wait_idle()
    services = services_of(scene.app)
    with services.engine.begin() as connection:
        tokens = connection.execute(select(metadata.tables["user_tokens"])).all()
        require_none(tokens, "tokens right after the uninstallation")
        uninstalls = metadata.tables["uninstalls"]
        connection.execute(uninstalls.update().values(due_at=0))
    services.lifecycle.finish_uninstalls(may_ask=True)
    rows = {}
    with services.engine.begin() as connection:
        for name, table in metadata.tables.items():
            rows[name] = connection.execute(select(table)).all()
    left = {name: len(found) for name, found in rows.items() if found and name != "portals"}
    require_none(left, "rows left")
    (portal,) = rows["portals"]
    kept = {key: value for key, value in portal._mapping.items() if value}
    require(not kept.get("installed_by") and not kept.get("newest_record"), f"portal: {kept}")
    dump = repr(rows)
    require_none([one for one in names if one and one in dump][:3], "names")
    return f"{len(rows)} tables read: one row without a user is left, {sorted(kept)}"


def comes_back(scene: Scene) -> str:
    lifecycle.reinstall(scene.portal)
    installs(scene)
    return "installed again after the removal"


def _said(page: str) -> str:
    return re.sub(r"<[^>]+>|\s+", " ", page.partition("<main")[2])[:200]


RULES = (
    Rule("A user who comes before the installation reads what to do", before_installation),
    Rule("The installation ends with the app's page, which is not empty", installs),
    Rule("Just what install.json names is bound", binds_what_it_names),
    Rule("Titles in the portal are in each language of the card", titles_in_each_language),
    Rule("The app can be installed twice", installs_twice),
    Rule("The app can be updated", survives_update),
    Rule("A portal on premises works", works_on_premises),
)
"""From a portal without the app to one that has it. They begin with the scene as it is set."""

REMOVAL = (
    Rule("The removal leaves no personal data", uninstalls_clean),
    Rule("The app can be installed again", comes_back),
)
