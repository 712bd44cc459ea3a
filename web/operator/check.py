"""`flask check`: one line for each thing that has to be right, and for each that is not."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from bitrix24.client import PortalClient
from bitrix24.errors import LONGEST_CODE, AppMisconfigured, PortalError
from bitrix24.printable import printable
from installation.installer import NotAdministrator, find_administrator
from store.key_rotation import count_unreadable
from store.portals import Portal
from web.services import services

MOST_ASKED = 1000
"""Users of a portal whose rights are looked up to find an administrator."""
DIFFERENCES = {
    "missing": "is not bound",
    "surplus": "is bound, but install.json does not name it",
    "renamed": "has other titles than install.json says",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A line of the check. Its `subject` comes first; `fine` says that nothing has to be done."""

    subject: str
    text: str
    fine: bool = False


@click.command("check")
@with_appcontext
def check() -> None:
    """Check settings, database, keys, manifest, authorization servers and portals.

    Asks each authorization server once, and each portal as an administrator, if possible the one
    who installed the app there. Exits with 1 when there is something to do. Settings and a
    manifest that are malformed, and a database that is away, stop the app with one line before.
    """
    finished = True
    for finding in _findings():
        click.echo(f"{finding.subject}: {finding.text}")
        finished = finished and finding.fine
    if not finished:
        sys.exit(1)


def _findings() -> Iterator[Finding]:
    yield _check_settings()
    yield from _check_database()
    manifest = services().installer.manifest
    counts = f"{len(manifest.placements)} placements, {len(manifest.events.names)} events"
    yield Finding("manifest", f"install.json {manifest.version}, {counts}", fine=True)
    yield from map(_check_server, services().settings.oauth_urls)
    try:
        portals = services().portals.installed()
    except SQLAlchemyError:
        return  # This was a finding before.
    for portal in portals:
        yield from _check_portal(portal)


def _check_settings() -> Finding:
    settings = services().settings
    if settings.allow_loopback and settings.is_https:
        why = "B24_ALLOW_LOOPBACK is on; it is for development without https only"
        return Finding("settings", why)
    return Finding("settings", f"complete, the app is at {settings.app_url}", fine=True)


def _check_database() -> Iterator[Finding]:
    try:
        unreadable = count_unreadable(services().engine, services().vault)
    except SQLAlchemyError as error:
        yield Finding("database", f"cannot be read ({type(error).__name__})")
        return
    backend = services().engine.url.get_backend_name()
    yield Finding("database", f"{backend} answers", fine=True)
    if unreadable:
        why = f"TOKEN_KEYS does not open {unreadable} stored portals; a key is missing"
        yield Finding("keys", why)
    else:
        yield Finding("keys", "they open every portal", fine=True)


def _check_server(oauth_url: str) -> Finding:
    subject = f"authorization server {oauth_url}"
    try:
        services().authorization_server.check_keys(oauth_url)
    except AppMisconfigured:
        return Finding(subject, "does not know B24_CLIENT_ID with this B24_CLIENT_SECRET")
    except PortalError as error:
        return Finding(subject, f"cannot be asked ({_code_of(error)})")
    return Finding(subject, "knows the app", fine=True)


def _check_portal(portal: Portal) -> Iterator[Finding]:
    """Compare what a portal has bound with the manifest."""
    try:
        client = find_administrator(_clients(portal))
        differences = list(services().installer.differences(client))
    except NotAdministrator:
        yield Finding(portal.origin, "cannot be asked; let an administrator open the app once")
        return
    except PortalError as error:
        yield Finding(portal.origin, f"cannot be asked ({_code_of(error)})")
        return
    for kind, name, address in differences:
        bound = f"{printable(name)} {printable(address)}"
        yield Finding(portal.origin, f"{bound} {DIFFERENCES[kind]}")
    if not differences:
        yield Finding(portal.origin, "as install.json says", fine=True)


def _code_of(error: PortalError) -> str:
    return printable(error.code or type(error).__name__, LONGEST_CODE)


def _clients(portal: Portal) -> Iterator[PortalClient]:
    """Return clients of the portal's users, of the one who installed the app first."""
    users = services().tokens.user_ids(portal.member_id, MOST_ASKED, portal.installed_by)
    return (services().client(portal, user_id) for user_id in users)
