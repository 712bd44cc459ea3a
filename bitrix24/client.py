"""Calls a portal's REST methods as one user."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from threading import Lock
from typing import Any, Protocol, TypeVar, overload
from urllib.parse import urlsplit

from msgspec import Struct

from bitrix24.batch import (
    BATCH_SIZE,
    BatchAnswer,
    Command,
    batch_times,
    by_key,
    in_batches,
    joined,
    read_answer,
)
from bitrix24.errors import ExpiredToken, Moved, NoAnswer, PortalError, TimeUsedUp, error_from
from bitrix24.exchange import Exchange, Observer, ignore, observed
from bitrix24.http.transport import Transport
from bitrix24.limits import Limits
from bitrix24.retry import WaitBudget, background_budget

SIDE_BY_SIDE = 4
"""HTTP requests that `read` sends at the same time."""
PLAN_KEY = "bitrix24_plan"
ENTERPRISE = "ent"
"""As `LICENSE_FAMILY` in the docs of `app.info`."""

T = TypeVar("T")
Commands = Mapping[str, Command] | Iterable[Command]


class _Plan(Struct, frozen=True, rename="upper"):
    license_family: str = ""


PLAN = Command("app.info", None, _Plan)
"""Travels in a batch that goes out anyway, once a day for each portal."""


class TokenSource(Protocol):
    """Gives a client the access token of its user."""

    def access_token(self) -> str:
        """Return a token that should still work. Raises SessionEnded when there is none."""
        ...

    def renew(self, spent: str) -> str:
        """Return another token than `spent`, which the portal has refused as expired."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful call. `total` is None where the portal counted nothing; booking lists say 0
    whatever they hold."""

    result: Any
    total: int | None = None


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
        """`relocate` returns the address of a portal that has moved, given the access token.

        The address in the portal's own redirect is not trusted. `limits` are shared by all clients.
        A client for work in the background raises Busy instead of waiting.
        """
        self._endpoint = client_endpoint.rstrip("/")
        self._tokens = tokens
        self._transport = transport
        self._observer = observer
        self._relocate = relocate
        self._limits = limits or Limits()
        budget = background_budget if background else WaitBudget
        self._budget = budget(self._limits)
        self._moving = Lock()

    @overload
    def call(self, method: Command[T]) -> T: ...

    @overload
    def call(self, method: str, params: Mapping[str, Any] | None = None) -> Answer: ...

    def call(self, method: Command | str, params: Mapping[str, Any] | None = None) -> Any:
        """Call one method with a JSON body, and read its answer.

        Renews an expired token once. Raises PortalError by kind; an answer of another shape than
        the command names is NoAnswer.
        """
        if isinstance(method, Command):
            return method.read(self._call(method.method, method.params, {}).result)
        return self._call(method, params or {}, {})

    def batch(self, commands: Commands) -> BatchAnswer:
        """Carry out any number of commands in their order, 50 to an HTTP request.

        Errors of single commands are in the answer. Raises PortalError for a whole request.
        """
        return joined(map(self._batch, in_batches(by_key(commands))))

    def chain(self, commands: Commands) -> BatchAnswer:
        """Carry out up to 50 commands in one HTTP request, until one fails.

        The error of those after it is NOT_CARRIED_OUT. Raises PortalError for the whole request.
        """
        keyed = by_key(commands)
        if len(keyed) > BATCH_SIZE:
            raise ValueError("a chain is one HTTP request")
        return self._batch(keyed, halt=True)

    def read(self, commands: Commands) -> BatchAnswer:
        """Do what `batch` does, with a few HTTP requests at a time.

        Only for commands that change nothing.
        """
        parts = list(in_batches(by_key(commands)))
        if len(parts) < 2:
            return joined(map(self._batch, parts))
        # The context names the browser's request to the journal, so each thread gets a copy.
        jobs = [partial(copy_context().run, self._batch, part) for part in parts]
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            return joined(pool.map(lambda job: job(), jobs))

    @property
    def portal(self) -> str:
        """Return the portal's host, with its port where it has one."""
        return urlsplit(self._endpoint).netloc

    def today(self) -> date:
        """Return the day it is at the portal."""
        return self._limits.times.today(self.portal)

    def _batch(self, part: Mapping[str, Command], *, halt: bool = False) -> BatchAnswer:
        commands = dict(part)
        room = len(part) < BATCH_SIZE and not halt
        if room and not self._limits.bucket.plan_is_known(self.portal):
            commands[PLAN_KEY] = PLAN
        cmd = {key: str(command) for key, command in commands.items()}
        result = self._call("batch", {"halt": int(halt), "cmd": cmd}, commands).result
        answer = read_answer(commands, result)
        if PLAN_KEY in commands:
            plan = answer.get(PLAN)
            enterprise = plan is not None and plan.license_family == ENTERPRISE
            self._limits.bucket.save_plan(self.portal, enterprise=enterprise)
        return self._learn(commands, batch_times(result), answer)

    def _call(
        self, method: str, params: Mapping[str, Any], commands: Mapping[str, Command]
    ) -> Answer:
        def exchange(token: str) -> Answer:
            exchange = Exchange(method, params=params, commands=commands)
            with observed(self._observer, exchange):
                answer = self._send(method, params, token)
                exchange.status, exchange.result = 200, answer.result
                return answer

        def send(token: str) -> Answer:
            return self._budget.send(self.portal, lambda: exchange(token))

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
                    self._endpoint = self._relocate(token).rstrip("/")
            return send(token)

    def _send(self, method: str, params: Mapping[str, Any], token: str) -> Answer:
        answer = self._transport.post_json(f"{self._endpoint}/{method}", {**params, "auth": token})
        body = answer.body
        if "error" in body:
            raise self._dated(method, error_from(body, answer.status))
        if answer.location:
            raise Moved("Moved", status=answer.status)
        if "result" not in body:
            raise NoAnswer("NoResult", status=answer.status)
        self._limits.times.learn(self.portal, method, body.get("time"))
        total = body.get("total")
        return Answer(body["result"], total if isinstance(total, int) else None)

    def _learn(
        self, commands: Mapping[str, Command], times: Mapping[str, Any], answer: BatchAnswer
    ) -> BatchAnswer:
        """Learn from the times in a batch's answer, and return it with dated errors.

        A portal sums run time by the methods inside a batch, not by the batch.
        """
        for key, command in commands.items():
            self._limits.times.learn(self.portal, command.method, times.get(key))
        errors = {
            asked: self._dated((commands[asked] if isinstance(asked, str) else asked).method, error)
            for asked, error in answer.errors.items()
        }
        return replace(answer, errors=errors)

    def _dated(self, method: str, error: PortalError) -> PortalError:
        """Return the error, with the time to wait where a method has used up its run time."""
        if not isinstance(error, TimeUsedUp):
            return error
        return error.after(self._limits.times.seconds_until_free(self.portal, method))
