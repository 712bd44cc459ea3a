"""Reads the numbers in addresses as those in forms are read: what no portal gives is no page."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError

from waitlist.models import parse_id


class Number(BaseConverter):
    """A number that a portal may have given to something."""

    def to_python(self, value: str) -> int:
        number = parse_id(value)
        if not number:
            raise ValidationError
        return number


def init_app(app: Flask) -> None:
    """Takes the place of Werkzeug's `int`, which knows no largest number."""
    app.url_map.converters["int"] = Number
