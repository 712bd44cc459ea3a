"""Commands of the operator: check, prune, keys rotate, journal export, sessions revoke."""

from dataclasses import asdict

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext

from oauth.portal_address import normalize_domain
from store.key_rotation import rotate_keys
from web.operator.check import check
from web.operator.housekeeping import delete_due
from web.services import services

keys = AppGroup("keys", help="The keys that seal tokens in the database.")
sessions = AppGroup("sessions", help="The sessions of open pages.")
journal = AppGroup("journal", help="The journal of calls to portals.")


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
