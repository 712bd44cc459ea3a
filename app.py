"""Waitlist Clients: chooses the customers of a Bitrix24 waiting-list record.

`gunicorn 'app:create_app()'` in production, `flask --app app run` while developing.
"""

from __future__ import annotations

import os
import sys

from flask import Flask

import settings
from web import (
    assets,
    board,
    card,
    commands,
    creation,
    customers,
    deal,
    editor,
    edits,
    events,
    health,
    history,
    i18n,
    install,
    legal,
    links,
    mending,
    news,
    numbers,
    observing,
    outside,
    removal,
    security,
    services,
    session,
    verify,
)

MAX_FORM_BYTES = 448 * 1024
"""A portal keeps up to 64 KB of a note, and each byte takes three characters in a form, which holds
the note as it was and as it is."""
GUNICORN_APP_LOAD_ERROR = 4
"""With this exit code gunicorn stops; with any other it would try again for ever."""


def create_app(config: settings.Settings | None = None) -> Flask:
    """The application. Reads the environment unless it is given its settings."""
    if config is None:
        try:
            config = settings.load(os.environ)
        except settings.SettingsError as error:
            print(error, file=sys.stderr)
            sys.exit(GUNICORN_APP_LOAD_ERROR)
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_FORM_BYTES
    app.jinja_env.globals["longest_note"] = edits.LONGEST_NOTE
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions[services.EXTENSION] = services.build(config)
    for part in (numbers, i18n, security, assets, health, session, observing, commands):
        part.init_app(app)
    for room in (
        board,
        verify,
        news,
        editor,
        customers,
        creation,
        card,
        deal,
        links,
        removal,
        history,
        mending,
        install,
        events,
        outside,
        legal,
    ):
        app.register_blueprint(room.bp)
    return app
