"""Researchers find out where to report a vulnerability (RFC 9116)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from settings import Settings
from tests.cast import Cast
from tests.quick_app import quick_app

PATH = "/.well-known/security.txt"


@pytest.mark.parametrize("contact", ["mailto:security@example.com", "https://example.com/report"])
def test_the_contact_of_the_setting_is_named(config: Settings, contact: str) -> None:
    url = "https://app.example.com"
    app = quick_app(replace(config, security_contact=contact, app_url=url))
    answer = app.test_client().get(PATH)
    assert answer.content_type == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == contact
    assert fields["Canonical"] == url + PATH
    expires = datetime.fromisoformat(fields["Expires"])
    assert timedelta() < expires - datetime.now(UTC) < timedelta(days=365)


def test_without_a_contact_there_is_no_file(here: Cast) -> None:
    assert here.stranger.client.get(PATH).status_code == 404
