"""Apps that start quickly: with compiled templates, a migrated database and shared routes."""

from __future__ import annotations

import copy
import tempfile
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from app import create_app
from bitrix24.limits import Limits
from settings import Settings
from store.engine import migrate, open_engine
from store.vault import Vault
from web.services import EXTENSION, build, services_of


class CompiledTemplates(BytecodeCache):
    """Keeps templates compiled for the next app of this process."""

    def __init__(self) -> None:
        self.codes: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.codes[bucket.key, bucket.checksum] = bucket.code


class ReadingClient(FlaskClient):
    """Reads answers to the end, unless `buffered=False` asks for the pieces of one.

    Each piece is made within the context of its request. The garbage collector would end one that
    is left unread in the middle of another request.
    """

    def open(self, *args: Any, buffered: bool = True, **options: Any) -> TestResponse:
        return super().open(*args, buffered=buffered, **options)


COMPILED_TEMPLATES = CompiledTemplates()
FIRST_APPS: dict[tuple[str, str, float], Flask] = {}
"""The apps of this process that others are copied from, by all that their routes depend on."""


def quick_app(config: Settings) -> Flask:
    """Return an app that delays no request, as most test portals have no limits."""
    app = create_app(config, limits=Limits())
    app.jinja_env.bytecode_cache = COMPILED_TEMPLATES
    app.test_client_class = ReadingClient
    return app


def copied_app(config: Settings) -> Flask:
    """Return an app with its own services, and the first one's routes and templates.

    What runs now and then, such as the housekeeping, it shares as well. The database must be a
    migrated one: to find out that no migration is missing takes longer than all else.
    """
    url = urlsplit(config.app_url)
    key = url.scheme, url.path, config.timeout
    first = FIRST_APPS.get(key) or quick_app(config)
    FIRST_APPS[key] = first
    app = copy.copy(first)
    app.config = copy.copy(first.config)
    kept = services_of(first).engine

    def open_quickly(database_url: str) -> Engine:
        """Open an engine that knows all statements that the first one has compiled."""
        engine = open_engine(database_url)
        engine.dialect, engine._compiled_cache = kept.dialect, kept._compiled_cache
        return engine

    with (
        patch("web.services.migrate", lambda *_: None),
        patch("web.services.open_engine", open_quickly),
    ):
        app.extensions = {**first.extensions, EXTENSION: build(config, limits=Limits())}
    return app


@cache
def migrated_database() -> bytes:
    """Return a SQLite database with all tables and no rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "app.db"
        engine = open_engine(f"sqlite:///{path}")
        migrate(engine, Vault([Fernet.generate_key().decode()]))
        engine.dispose()
        return path.read_bytes()
