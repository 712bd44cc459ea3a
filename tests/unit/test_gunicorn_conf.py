"""The worker and the app agree on the number of threads."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask

from bitrix24.isolation.bulkhead import THREADS
from web.services import services_of

CONFIGURATION = Path(__file__).parents[2] / "gunicorn.conf.py"


@pytest.mark.parametrize("threads", [1, 8, 500])
def test_the_app_learns_how_many_threads_its_worker_has(app: Flask, threads: int) -> None:
    worker = SimpleNamespace(wsgi=app, cfg=SimpleNamespace(threads=threads))
    runpy.run_path(str(CONFIGURATION))["post_worker_init"](worker)
    assert services_of(app).limits.bulkhead.threads == threads


def test_another_app_can_be_served_with_this_configuration() -> None:
    worker = SimpleNamespace(wsgi=Flask("other"), cfg=SimpleNamespace(threads=8))
    runpy.run_path(str(CONFIGURATION))["post_worker_init"](worker)


def test_both_assume_the_same_number() -> None:
    assert runpy.run_path(str(CONFIGURATION))["threads"] == THREADS
