"""Endpoints for the operator: is the app alive, is it ready, and metrics."""

import time

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, Histogram, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from store.key_rotation import count_unreadable
from web.services import services

bp = Blueprint("health", __name__)
MOST_OPENED = 20
"""Portals whose sealed address `/readyz` opens."""

REQUESTS = Histogram(
    "waitlist_request_seconds", "Time to answer a browser or a portal", ["endpoint", "status"]
)


@bp.get("/healthz")
def alive() -> Response:
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def ready() -> Response:
    """Tell whether the database answers. Without a key, launches make portals work again."""
    try:
        with services().probe.connect() as connection:
            connection.execute(text("SELECT version_num FROM alembic_version"))
        unreadable = count_unreadable(services().probe, services().vault, MOST_OPENED)
    except SQLAlchemyError:
        return Response("the database cannot be reached\n", 503, mimetype="text/plain")
    lost = "TOKEN_KEYS does not open all stored portals: see flask check\n" if unreadable else ""
    return Response(f"ok\n{lost}", mimetype="text/plain")


@bp.get("/metrics")
def metrics() -> Response:
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.before_request(_start)
    app.after_request(_observe)


def _start() -> None:
    g.started = time.perf_counter()


def _observe(response: Response) -> Response:
    endpoint = request.endpoint or "unknown"
    REQUESTS.labels(endpoint, response.status_code).observe(time.perf_counter() - g.started)
    return response
