"""Asks a portal for a change, and finds out what came of it when no answer comes.

A change that a portal may have carried out without an answer goes through here: the app neither
calls it failed nor asks for it again while it may still take effect. A new record, a to-do and the
removal of several records are looked up in ways of their own.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from bitrix24.errors import NoAnswer, NotSent, PortalError
from waitlist.errors import OutcomeUnknown, WaitlistError

Result = TypeVar("Result")


def send_or_find(
    send: Callable[[], Result], find: Callable[[], Result | None], *gone: type[WaitlistError]
) -> Result:
    """Return what `send` returns, or what `find` finds if no answer comes.

    `find` returns None where it does not find the change. Raises OutcomeUnknown where that may
    still take effect or cannot be looked up, the errors `gone` of `find`, and those of `send`:
    after NoAnswer, too, the change was not carried out then.
    """
    try:
        return send()
    except NotSent:
        raise
    except NoAnswer as error:
        with unknown_on_error(*gone):
            found = find()
        if found is not None:
            return found
        if error.is_final:
            raise
        raise OutcomeUnknown from error


@contextmanager
def unknown_on_error(*gone: type[WaitlistError]) -> Iterator[None]:
    """Raise OutcomeUnknown where a change cannot be looked up; `gone` passes."""
    try:
        yield
    except gone:
        raise
    except (PortalError, WaitlistError) as error:
        raise OutcomeUnknown from error
