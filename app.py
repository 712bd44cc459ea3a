"""Waitlist Clients: manages the customers of waiting-list records in Bitrix24.

`gunicorn 'app:create_app()'` in production, `flask --app app run` while developing.
"""

import os
import sys

from flask import Flask
from jinja2 import StrictUndefined

import settings
import web.board.live
import web.board.mirror_check
import web.board.page
import web.board.search
import web.booking.back
import web.booking.freed
import web.booking.next
import web.booking.offer
import web.bulk.removal
import web.cards.customer
import web.cards.deal
import web.cards.live
import web.http.assets
import web.http.call_metrics
import web.http.headers
import web.http.i18n
import web.http.id_converter
import web.http.isolation
import web.http.legal
import web.http.path_prefix
import web.http.skeleton
import web.installation.difference
import web.installation.page
import web.installation.portal_events
import web.oauth.code_flow
import web.oauth.session
import web.operator.commands
import web.operator.health
import web.operator.housekeeping
import web.operator.security_txt
import web.picker.new_customer
import web.picker.search
import web.record.calls
import web.record.editor
import web.record.history
import web.record.link
import web.record.removal
import web.record.repair
from bitrix24.limits import Limits
from installation.manifest import ManifestError
from web import forms, services

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
    web.http.isolation.init_app(app, shared.limits, config.timeout)
    for extension in (
        web.http.id_converter,
        web.http.i18n,
        web.http.assets,
        web.http.skeleton,
        web.http.call_metrics,
        web.operator.health,
        web.operator.commands,
        web.operator.housekeeping,
        web.oauth.session,
    ):
        extension.init_app(app)
    web.http.headers.init_app(app, is_https=config.is_https)
    for room in (
        web.board.page,
        web.board.mirror_check,
        web.board.live,
        web.board.search,
        web.record.calls,
        web.record.editor,
        web.record.history,
        web.record.link,
        web.record.removal,
        web.record.repair,
        web.booking.freed,
        web.booking.offer,
        web.booking.back,
        web.booking.next,
        web.bulk.removal,
        web.picker.search,
        web.picker.new_customer,
        web.cards.customer,
        web.cards.deal,
        web.cards.live,
        web.installation.page,
        web.installation.difference,
        web.installation.portal_events,
        web.oauth.code_flow,
        web.http.legal,
        web.operator.security_txt,
    ):
        app.register_blueprint(room.bp)
    web.http.path_prefix.init_app(app, config.app_url)
    return app
