"""Calls a portal's REST methods as one user."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from datetime import date, tzinfo
from functools import partial
from threading import Lock
from typing import Any, Protocol, TypeVar

from msgspec import Struct

from bitrix24.batch import (
    BATCH_SIZE,
    BatchAnswer,
    Command,
    batch_times,
    in_batches,
    merged_answers,
    only_reads,
    read_answer,
)
from bitrix24.errors import (
    NO_RESULT,
    Busy,
    ExpiredToken,
    Moved,
    NoAnswer,
    NotSent,
    PortalError,
    SessionEnded,
    TimeUsedUp,
    Unwritable,
    error_by_status,
    error_from,
    error_of_method,
)
from bitrix24.exchange import Exchange, Observer, ignore, observed
from bitrix24.http.redirects import redirect_error
from bitrix24.http.transport import Transport
from bitrix24.limits import BACKGROUND_SHARE, Limits, WaitBudget

PARALLEL_REQUESTS = 4
"""HTTP requests that `read` sends at the same time."""
INVALID_TOKEN = "invalid_token"  # noqa: S105 - an error code
"""A portal answers so to a token that it does not know. No refresh helps where it still lives."""
ENTERPRISE = "ent"
"""As `LICENSE_FAMILY` in the docs of `app.info`."""

T = TypeVar("T")


class _Plan(Struct, frozen=True, rename="upper"):
    license_family: str = ""


PLAN = Command("app.info", {}, _Plan)
"""Travels in a batch that goes out anyway, once a day for each portal."""


class TokenSource(Protocol):
    """Gives a client the access token of its user."""

    def access_token(self) -> str:
        """Return a token that should still work. Raises SessionEnded when there is none."""
        ...

    def renew(self, spent: str) -> str:
        """Return another token than `spent`, which the portal has refused as expired."""
        ...

    def retire(self, refused: str) -> None:
        """Forget a token that the portal does not know, so that a launch can replace it."""
        ...


class PortalClient:
    """Calls one portal as one user. Make a new one for each request of a browser; it is cheap."""

    def __init__(
        self,
        client_endpoint: str,
        tokens: TokenSource,
        transport: Transport,
        *,
        observer: Observer = ignore,
        relocate: Callable[[str], str] | None = None,
        limits: Limits | None = None,
        background: bool = False,
    ) -> None:
        """`relocate` returns the address of a moved portal, given the token. `limits` are shared.

        A client for work in the background raises Busy instead of waiting.
        """
        self._endpoint = client_endpoint.rstrip("/")
        self._tokens = tokens
        self._transport = transport
        self._observer = observer
        self._relocate = relocate
        self._limits = limits or Limits()
        self._budget = WaitBudget(self._limits, background=background)
        self._share = BACKGROUND_SHARE if background else 1.0
        self._moving = Lock()
        self._check: Callable[[], None] | None = None

    def check_before_writes(self, check: Callable[[], None]) -> None:
        """Let `check` run before each request that may change something. It raises to stop it."""
        self._check = check

    def call(self, command: Command[T]) -> T:
        """Call one method. Renews an expired token once. Raises PortalError by kind."""
        return command.read(self._call(command.method, command.params))

    def batch(self, commands: Iterable[Command]) -> BatchAnswer:
        """Carry out commands, 50 to an HTTP request. Raises PortalError for a whole request."""
        return merged_answers(map(self._batch, in_batches(commands)))

    def chain(self, commands: Sequence[Command]) -> BatchAnswer:
        """Carry out up to 50 commands until one fails. Those after it are NOT_CARRIED_OUT."""
        if len(commands) > BATCH_SIZE:
            raise ValueError("a chain is one HTTP request")
        return self._batch(commands, halt=True)

    def read(self, commands: Iterable[Command]) -> BatchAnswer:
        """Do as `batch`, a few HTTP requests at a time. Only for commands that change nothing."""
        parts = list(in_batches(commands))
        if len(parts) < 2:
            return merged_answers(map(self._batch, parts))
        # The context names the browser's request to the journal, so each thread gets a copy.
        jobs = [partial(copy_context().run, self._batch, part) for part in parts]
        with ThreadPoolExecutor(PARALLEL_REQUESTS) as pool:
            return merged_answers(pool.map(lambda job: job(), jobs))

    @property
    def portal(self) -> str:
        """Return the portal's host, with its port and its path where it has one."""
        return self._endpoint.partition("://")[2].removesuffix("/rest")

    def hold_place(self) -> None:
        """Take a place among the threads (Limits.hold_place), as each call does."""
        self._limits.hold_place(self.portal, self._share)

    def today(self) -> date:
        return self._limits.times.today(self.portal)

    def zone(self) -> tzinfo | None:
        return self._limits.times.zone(self.portal)

    def _batch(self, part: Sequence[Command], *, halt: bool = False) -> BatchAnswer:
        try:
            return self._send_batch(part, halt=halt)
        except Unwritable as error:
            # One row spoils the whole answer. Halving finds the command that asks for it.
            if halt or not all(only_reads(one.method) for one in part):
                raise
            if len(part) == 1:
                return BatchAnswer({}, {part[0]: error})
            middle = len(part) // 2
            return merged_answers(map(self._batch, (part[:middle], part[middle:])))

    def _send_batch(self, part: Sequence[Command], *, halt: bool) -> BatchAnswer:
        commands = list(part)
        room = len(part) < BATCH_SIZE and not halt
        if ask_plan := room and not self._limits.bucket.plan_is_known(self.portal):
            commands.append(PLAN)
        body = {"halt": int(halt), "cmd": list(map(str, commands))}
        result = self._call("batch", body, commands)
        answer = read_answer(commands, result, halt=halt)
        if ask_plan:
            plan = answer.get(PLAN)
            enterprise = plan is not None and plan.license_family == ENTERPRISE
            self._limits.bucket.save_plan(self.portal, enterprise=enterprise)
        times = batch_times(result)
        for number, command in enumerate(commands):
            # A portal sums run time by the methods inside a batch, not by the batch.
            self._limits.times.learn(self.portal, command.method, times.get(str(number)))
        errors = {one: self._in_detail(one.method, error) for one, error in answer.errors.items()}
        return replace(answer, errors=errors)

    def _call(
        self, method: str, params: Mapping[str, Any], commands: Sequence[Command] = ()
    ) -> Any:
        repeatable = all(map(only_reads, [one.method for one in commands] or [method]))
        if self._check and not repeatable:
            self._check()

        def exchange(token: str) -> Any:
            exchange = Exchange(method, params=params, commands=commands)
            calling = self._limits.calling(self.portal, only_reads=repeatable)
            with calling, observed(self._observer, exchange):
                exchange.result = self._send(method, params, token, only_reads=repeatable)
                exchange.status = 200
                return exchange.result

        def send(token: str) -> Any:
            try:
                return self._budget.send(self.portal, lambda: exchange(token))
            except SessionEnded as error:
                if error.code == INVALID_TOKEN:
                    self._tokens.retire(token)
                raise

        self.hold_place()
        token, endpoint = self._tokens.access_token(), self._endpoint
        try:
            return send(token)
        except ExpiredToken:
            return send(self._tokens.renew(token))
        except Moved:
            if self._relocate is None:
                raise
            with self._moving:
                if self._endpoint == endpoint:
                    self._endpoint = self._new_endpoint(token)
            return send(token)

    def _new_endpoint(self, token: str) -> str:
        """Return the address of the moved portal. Raises PortalError; the call has not run then."""
        try:
            return self._relocate(token).rstrip("/") if self._relocate else self._endpoint
        except NoAnswer as error:
            raise NotSent(error.code, status=error.status) from None

    def _send(self, method: str, params: Mapping[str, Any], token: str, *, only_reads: bool) -> Any:
        answer = self._transport.post_json(
            f"{self._endpoint}/{method}", {**params, "auth": token}, only_reads=only_reads
        )
        body = answer.body
        if body.get("error") is not None:
            error = error_from(body, answer.status)
            if type(error) is NoAnswer:
                error = error_by_status(error, answer.retry_after, only_reads=only_reads)
            elif isinstance(error, Busy) and answer.retry_after:
                error = error.after(answer.retry_after)
            raise self._in_detail(method, error)
        if answer.location:
            raise redirect_error(f"{self._endpoint}/{method}", answer.location, answer.status)
        if "result" not in body:
            nothing = NoAnswer(NO_RESULT, status=answer.status)
            raise error_by_status(nothing, answer.retry_after, only_reads=only_reads)
        self._limits.times.learn(self.portal, method, body.get("time"))
        return body["result"]

    def _in_detail(self, method: str, error: PortalError) -> PortalError:
        """Return the error with what the method tells: a time to wait, or the missing module."""
        if isinstance(error, TimeUsedUp):
            return error.after(self._limits.times.seconds_until_free(self.portal, method))
        return error_of_method(method, error)
