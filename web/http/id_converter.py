"""Reads the IDs in addresses like those in forms. An impossible ID is an unknown page."""

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError

from bitrix24.ids import parse_id


class IdConverter(BaseConverter):
    """An ID that a portal may have assigned."""

    def to_python(self, value: str) -> int:
        number = parse_id(value)
        if not number:
            raise ValidationError
        return number


def init_app(app: Flask) -> None:
    """Replace Werkzeug's `int`, which has no largest number."""
    app.url_map.converters["int"] = IdConverter
