"""Sends the skeleton of a page while the portal has not answered yet.

A template writes everything before END_OF_SKELETON without data of a portal or a user, so that it
can be sent before it is known who opens the page. An answer that comes in time is sent as it is.
A late one follows its skeleton: with status 200, and without its headers.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from contextvars import copy_context
from itertools import takewhile

from flask import Flask, Response, current_app, g, stream_template, stream_with_context
from markupsafe import Markup

Page = Callable[[], Response]
"""Renders a page for which the portal has answered, or streams it."""

END_OF_SKELETON = Markup("<!-- the answer of the portal follows -->")
PATIENCE = 0.4
"""Seconds for which an answer is waited for. A frame stays white so long."""


def init_app(app: Flask) -> None:
    app.jinja_env.globals["end_of_skeleton"] = END_OF_SKELETON
    app.context_processor(lambda: {"skeleton_sent": g.get("skeleton_sent", False)})


def answer_with_skeleton(prepare: Callable[[], Page], template: str) -> Response:
    """Answer with the page that `prepare` reads, after its skeleton if it is late.

    `prepare` runs in a thread with the context of this request, the page it returns does not.
    Without a portal that may frame the page, nothing is sent before it.
    """
    if "frame_ancestors" not in g:
        return prepare()()
    with_context = copy_context()
    pool = ThreadPoolExecutor(1)
    prepared = pool.submit(with_context.run, prepare)
    pool.shutdown(wait=False)
    if wait([prepared], PATIENCE).done:
        return prepared.result()()
    response = Response(stream_with_context(_late(prepared, template)))
    # A browser that goes away must not leave the thread behind.
    response.call_on_close(lambda: wait([prepared]))
    return response


def _late(prepared: Future[Page], template: str) -> Iterator[bytes]:
    yield _skeleton_of(template).encode()
    g.skeleton_sent = True
    try:
        response = prepared.result()()
    except Exception as error:
        response = _answer_error(error)
    with closing(response):
        yield from _after_skeleton(response.iter_encoded())


def _answer_error(error: Exception) -> Response:
    try:
        answer = current_app.handle_user_exception(error)
    except Exception as unknown:
        return current_app.handle_exception(unknown)
    return current_app.make_response(answer)


def _skeleton_of(template: str) -> str:
    with closing(stream_template(template)) as pieces:  # type: ignore[type-var]
        return "".join(takewhile(lambda piece: piece != END_OF_SKELETON, pieces))


def _after_skeleton(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Leave out the skeleton of a page that begins with one."""
    rest = iter(pieces)
    first = next(rest, b"")
    _, found, after = first.partition(END_OF_SKELETON.encode())
    yield after if found else first
    yield from rest
