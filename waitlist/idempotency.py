"""Makes what a form asks for once, however often the form arrives.

Neither `waitlist.add` nor `crm.item.add` has an idempotency key. An answer may get lost between a
portal and the app, or between the app and a browser that then sends its form again. So each form
that creates something carries a random word, its idempotency key. The app keeps the result of an
attempt for a form that arrives again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from bitrix24.errors import NoAnswer, NotSent, PortalError
from store.pending.deferred import Deferred
from store.pending.idempotency import AttemptClaim, AttemptStore
from waitlist.errors import InProgress, OutcomeUnknown, PerhapsCreated, WaitlistError
from waitlist.pending_writes import HORIZON, seconds_to_next_check, tries

LEASE = 90
"""Seconds after which a silent worker is taken for dead: longer than a call with all its waits."""
UNSURE = (SQLAlchemyError, NoAnswer, OutcomeUnknown, PerhapsCreated)
"""After these errors something may have been made; after other portal errors nothing was."""


class Attempt:
    """One request's attempt to create a record or a customer.

    `made` is what an earlier request of the attempt has created: a record's ID or a customer's
    key. `change` is its row in the history, and `same` says whether that request asked for the
    same thing. The attempt is `uncertain` when there was an earlier request with an unknown
    outcome: look for its result before creating anything. `newest` is the ID of the latest record
    that was known before the first request.
    """

    def __init__(self, store: AttemptStore, deferred: Deferred, claim: AttemptClaim) -> None:
        self._store = store
        self._deferred = deferred
        self._claim = claim
        self._sent = False
        self.made = claim.made
        self.change = claim.change
        self.same = claim.same
        self.newest = claim.newest
        self.uncertain = claim.again and not claim.made

    @property
    def may_arrive(self) -> bool:
        """Return whether what an unanswered request was to create may still appear."""
        asked = self._claim.asked
        return self.uncertain and asked is not None and asked.age() < HORIZON

    @property
    def seconds_to_next_check(self) -> float:
        """Return in how many seconds there will be more to know."""
        return seconds_to_next_check(self._claim.asked.age() if self._claim.asked else 0.0)

    def mark_sent(self) -> None:
        """Note that the portal is being asked. Raises InProgress if another request took over."""
        if not self._store.extend(self._claim, LEASE):
            raise InProgress
        self._sent = self.uncertain = True

    def mark_made(self, made: str, change: int | None = None) -> None:
        """Store what was created, and the change to undo as soon as there is one."""
        self.made, self.change, self.uncertain = made, change, False
        self._deferred.run(lambda: self._store.save_result(self._claim, made, change))

    def mark_nothing_made(self) -> None:
        """Note that certainly nothing was created, or that it is gone again."""
        self.made, self.change, self.uncertain = "", None, False

    def close(self, error: BaseException | None = None) -> None:
        """Let the next request of the attempt in. Forget the attempt if it made nothing."""
        known = isinstance(error, NotSent) or not isinstance(error, UNSURE)
        refused = isinstance(error, PortalError | WaitlistError) and known
        if refused and self._sent and not self.made:
            self.mark_nothing_made()
        keep = self.made or self.uncertain
        end = self._store.release if keep else self._store.discard
        self._deferred.run(lambda: end(self._claim))


class Attempts:
    def __init__(
        self,
        store: AttemptStore,
        deferred: Deferred,
        member_id: str,
        user_id: int,
        before_waiting: Callable[[], None] = lambda: None,
    ) -> None:
        """`before_waiting` is called before a request waits for another; it may refuse."""
        self._before_waiting = before_waiting
        self._store = store
        self._deferred = deferred
        self._member_id = member_id
        self._user_id = user_id

    @contextmanager
    def begin(self, key: str, fingerprint: str, newest: int = 0) -> Iterator[Attempt]:
        """Begin the attempt once no other request is at work on it. Raises InProgress.

        `fingerprint` holds all that is asked for: a second request may ask for something else.
        """
        attempt = Attempt(self._store, self._deferred, self._claim(key, fingerprint, newest))
        try:
            yield attempt
        except BaseException as error:
            attempt.close(error)
            raise
        attempt.close()

    def is_known(self, key: str) -> bool:
        """Return whether the attempt has made something, or may have. Waits for no request."""
        self._deferred.flush()
        return self._store.is_known(self._member_id, self._user_id, key)

    def _claim(self, key: str, fingerprint: str, newest: int) -> AttemptClaim:
        for _ in tries(self._before_waiting):
            # The end of the request before may still wait for the database.
            self._deferred.flush()
            claim = self._store.claim(
                self._member_id, self._user_id, key, fingerprint, newest, LEASE
            )
            if claim is not None:
                return claim
        raise InProgress
