"""Waitlist Clients: manages the customers of waiting-list records in Bitrix24.

`gunicorn 'app:create_app()'` in production, `flask --app app run` while developing.
"""

import os
import sys

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.utils import import_string

import settings
from bitrix24.limits import Limits
from installation.manifest import ManifestError
from web import forms, services
from web.http import headers, isolation, path_prefix

EXTENSIONS = (
    "http.id_converter",
    "http.i18n",
    "http.assets",
    "http.skeleton",
    "http.call_metrics",
    "operator.health",
    "operator.commands",
    "operator.housekeeping",
    "oauth.session",
)
BLUEPRINTS = (
    "board.page",
    "board.mirror_check",
    "board.live",
    "board.search",
    "record.calls",
    "record.editor",
    "record.history",
    "record.link",
    "record.removal",
    "record.repair",
    "booking.freed",
    "booking.offer",
    "booking.booked",
    "booking.next_bookings",
    "bulk.removal",
    "picker.search",
    "picker.new_customer",
    "cards.customer",
    "cards.deal",
    "cards.live",
    "installation.page",
    "installation.difference",
    "installation.portal_events",
    "oauth.code_flow",
    "http.legal",
    "operator.security_txt",
)
"""Modules of `web/`, each with a `bp`; those of EXTENSIONS have an `init_app`."""
MAX_FORM_BYTES = 448 * 1024
"""A portal stores up to 64 KB of a note. Each byte may take three characters in a form, and the
form of a record holds its note twice."""
GUNICORN_APP_LOAD_ERROR = 4
"""With this exit code gunicorn stops. With any other it would start the worker again forever."""


def create_app(config: settings.Settings | None = None, *, limits: Limits | None = None) -> Flask:
    """Return the application. Without `config`, its settings come from the environment."""
    try:
        config = config or settings.load(os.environ)
        shared = services.build(config, limits=limits)
    except (settings.SettingsError, ManifestError) as error:
        print(error, file=sys.stderr)
        sys.exit(GUNICORN_APP_LOAD_ERROR)
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_FORM_BYTES
    app.config["LOG_RETENTION_DAYS"] = config.log_retention_days
    app.config["HISTORY_RETENTION_DAYS"] = config.history_retention_days
    app.config["CONTACT"] = config.security_contact
    app.jinja_env.globals["longest_note"] = forms.LONGEST_NOTE
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions[services.EXTENSION] = shared
    isolation.init_app(app, shared.limits, config.timeout)
    for name in EXTENSIONS:
        import_string(f"web.{name}").init_app(app)
    headers.init_app(app, is_https=config.is_https)
    for name in BLUEPRINTS:
        app.register_blueprint(import_string(f"web.{name}").bp)
    path_prefix.init_app(app, config.app_url)
    return app
