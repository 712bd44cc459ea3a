"""Commands of the operator: check, prune, keys rotate, journal export, sessions revoke."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext

from bitrix24.client import PortalClient
from bitrix24.errors import LONGEST_CODE, PortalError
from bitrix24.printable import printable
from installation.installer import NotAdministrator, find_administrator
from oauth.portal_address import normalize_domain
from store.key_rotation import count_unreadable, rotate_keys
from store.portals import Portal
from web.operator.housekeeping import delete_due
from web.services import services

keys = AppGroup("keys", help="The keys that seal tokens in the database.")
sessions = AppGroup("sessions", help="The sessions of open pages.")
journal = AppGroup("journal", help="The journal of calls to portals.")

MOST_ASKED = 1000
"""Users of a portal who are asked at most whether they are administrators."""
DIFFERENCES = {
    "missing": "is not bound",
    "surplus": "is bound, but install.json does not name it",
    "renamed": "has other titles than install.json says",
}


@click.command("check")
@with_appcontext
def check() -> None:
    """Compare what every portal has bound with install.json.

    Asks each portal as an administrator, if possible the one who installed the app there. Exits
    with 1 when anything differs or a portal cannot be asked. Installing the app there again, or
    updating it, fixes it.
    """
    unreadable = count_unreadable(services().engine, services().vault)
    if unreadable:
        click.echo(f"TOKEN_KEYS does not open {unreadable} stored portals; a key is missing")
    same = not unreadable
    for portal in services().portals.installed():
        try:
            client = find_administrator(_clients(portal))
            differences = list(services().installer.differences(client))
        except NotAdministrator:
            click.echo(f"{portal.origin}: cannot be asked; let an administrator open the app once")
            same = False
            continue
        except PortalError as error:
            why = printable(error.code or type(error).__name__, LONGEST_CODE)
            click.echo(f"{portal.origin}: cannot be asked ({why})")
            same = False
            continue
        for kind, name, address in differences:
            bound = f"{printable(name)} {printable(address)}"
            click.echo(f"{portal.origin}: {bound} {DIFFERENCES[kind]}")
            same = False
        if not differences:
            click.echo(f"{portal.origin}: as install.json says")
    if not same:
        sys.exit(1)


def _clients(portal: Portal) -> Iterator[PortalClient]:
    """Return clients of the portal's users, of the one who installed the app first."""
    users = services().tokens.user_ids(portal.member_id, MOST_ASKED, portal.installed_by)
    return (services().client(portal, user_id) for user_id in users)


@keys.command("rotate")
def rotate() -> None:
    """Seal everything with the first of TOKEN_KEYS. The app may keep running meanwhile.

    Put the new key first in TOKEN_KEYS and restart, run this, then remove the old key.
    """
    rotation = rotate_keys(services().engine, services().vault)
    services().security_log.write({"accepted": "key rotation", **asdict(rotation)})
    click.echo(f"{rotation.resealed} values are now sealed with the first key.")
    if rotation.unreadable:
        raise click.ClickException(f"{rotation.unreadable} values open with none of the keys.")


@sessions.command("revoke")
@click.option("--portal", "name", required=True, help="Its member_id or its host name.")
@click.option("--user", "user_id", type=int, default=0, help="Also forget this user's access.")
def revoke(name: str, user_id: int) -> None:
    """End all sessions of a portal at once, for example after one was stolen.

    Pages that are open log in again by themselves: the portal decides anew about each user.
    """
    shared = services()
    portal = shared.portals.find(name) or shared.portals.find_by_domain(normalize_domain(name))
    if portal is None:
        raise click.ClickException("no portal of this name has the app")
    shared.portals.renew_installation(portal.member_id)
    if user_id:
        shared.tokens.delete(portal.member_id, user_id)
    act = {"accepted": "revocation of sessions", "member_id": portal.member_id}
    shared.security_log.write(act | ({"user_id": user_id} if user_id else {}))
    click.echo(f"All sessions of {portal.origin} have ended.")


@journal.command("export")
@click.argument("member_id")
def export(member_id: str) -> None:
    """Print all calls of the portal MEMBER_ID as JSON lines, oldest first."""
    services().security_log.write({"accepted": "export of the journal", "member_id": member_id})
    for line in services().journal.export(member_id):
        click.echo(line, nl=False)


@click.command("prune")
@with_appcontext
def prune() -> None:
    """Delete what is too old or too much, and finish uninstalls that are due.

    The app does this by itself while it is used. Run it before a backup, or daily for an app that
    is seldom used.
    """
    for table, rows in sorted(delete_due(services(), may_ask=True).items()):
        click.echo(f"{rows} rows deleted from {table}.")


def init_app(app: Flask) -> None:
    app.cli.add_command(check)
    app.cli.add_command(prune)
    app.cli.add_command(keys)
    app.cli.add_command(journal)
    app.cli.add_command(sessions)
