"""Commands of the operator: `flask keys rotate`, `flask journal export`."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup

from store.rotation import rotate_keys
from store.vault import Vault
from web.services import services

keys = AppGroup("keys", help="The keys that seal tokens in the database.")
journal = AppGroup("journal", help="The record of calls to portals.")


@keys.command("rotate")
def rotate() -> None:
    """Seal everything with the first of TOKEN_KEYS. The app may go on serving meanwhile.

    Put the new key first in TOKEN_KEYS and restart, run this, then take the old key away.
    """
    rotation = rotate_keys(services().engine, Vault(services().settings.token_keys))
    click.echo(f"{rotation.resealed} values are now sealed with the first key.")
    if rotation.unreadable:
        raise click.ClickException(f"{rotation.unreadable} values open with none of the keys.")


@journal.command("export")
@click.argument("member_id")
def export(member_id: str) -> None:
    """Print all that was called on the portal MEMBER_ID, as JSON lines, oldest first."""
    for line in services().journal.export(member_id):
        click.echo(line, nl=False)


def init_app(app: Flask) -> None:
    app.cli.add_command(keys)
    app.cli.add_command(journal)
