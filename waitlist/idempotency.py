"""Makes what a form asks for once, however often the form arrives.

Neither `waitlist.add` nor `crm.item.add` can be told that a call is the same as one before, and an
answer may get lost between a portal and the app as well as between the app and a browser, which
then sends its form again. So each such form carries a random word, its attempt, and what came of
an attempt is kept for whoever sends it again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from bitrix24.errors import NoAnswer, PortalError
from store.idempotency import AttemptClaim, AttemptStore
from waitlist.errors import OutcomeUnknown, PerhapsCreated, UnderWay, WaitlistError

LEASE = 90
"""Seconds after which a worker that has told nothing is taken for dead: longer than a call with all
its waiting takes."""
PATIENCE = 15.0
"""Seconds that a form which is sent again waits for the one before it."""
PAUSE = 0.25
UNSURE = (NoAnswer, OutcomeUnknown, PerhapsCreated)
"""After these something may have been made; after other errors of a portal nothing was."""


class Turn:
    """The turn of one request to make what an attempt is for.

    `made` is what an earlier request has made, a record's number or a customer's key, and `change`
    its row in the history; `same` says whether that one asked for the same. It is `lost` where
    there was an earlier request and nobody knows what came of it: then look before making it.
    `newest` is the latest record that was known before the first request."""

    def __init__(self, store: AttemptStore, claim: AttemptClaim) -> None:
        self._store = store
        self._claim = claim
        self._asked = False
        self.made = claim.made
        self.change = claim.change
        self.same = claim.same
        self.newest = claim.newest
        self.lost = claim.again and not claim.made

    def ask(self) -> None:
        """To be called right before the portal is asked to make it. Raises UnderWay where another
        request has taken this one for dead and is at it."""
        if not self._store.hold(self._claim, LEASE):
            raise UnderWay
        self._asked = self.lost = True

    def keep(self, made: str, change: int | None = None) -> None:
        """To be called as soon as it is made, and again when there is a change to undo."""
        self.made, self.change, self.lost = made, change, False
        self._store.keep(self._claim, made, change)

    def nothing(self) -> None:
        """To be called when it is certain that nothing was made, or that it is gone again."""
        self.made, self.change, self.lost = "", None, False

    def failed(self, error: BaseException) -> None:
        """What an error means for it."""
        refused = isinstance(error, PortalError | WaitlistError) and not isinstance(error, UNSURE)
        if refused and self._asked and not self.made:
            self.nothing()

    def end(self) -> None:
        if self.made or self.lost:
            self._store.end(self._claim)
        else:
            self._store.forget(self._claim)


class Attempts:
    """The attempts of one user of one portal."""

    def __init__(self, store: AttemptStore, member_id: str, user_id: int) -> None:
        self._store = store
        self._member_id = member_id
        self._user_id = user_id

    @contextmanager
    def turn(self, attempt: str, wish: str, newest: int = 0) -> Iterator[Turn]:
        """Waits until nobody else is at it. `wish` is what is asked for; it is not stored, and only
        compared with. Raises UnderWay."""
        turn = Turn(self._store, self._claim(attempt, wish, newest))
        try:
            yield turn
        except BaseException as error:
            turn.failed(error)
            raise
        finally:
            turn.end()

    def _claim(self, attempt: str, wish: str, newest: int) -> AttemptClaim:
        give_up = time.monotonic() + PATIENCE
        while True:
            claim = self._store.claim(self._member_id, self._user_id, attempt, wish, newest, LEASE)
            if claim is not None:
                return claim
            if time.monotonic() > give_up:
                raise UnderWay
            time.sleep(PAUSE)
