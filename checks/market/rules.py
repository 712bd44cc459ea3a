"""A rule of the Market, and how it is applied."""

from collections.abc import Callable
from dataclasses import dataclass

from checks.market.scene import Scene


class Broken(Exception):
    """A rule is broken. The text says what was seen."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What moderators ask for. `check` returns what was seen, or raises Broken."""

    text: str
    check: Callable[[Scene], str]


@dataclass(frozen=True, slots=True)
class Result:
    """What was seen of a rule, and whether it is kept."""

    rule: Rule
    seen: str
    kept: bool

    def __str__(self) -> str:
        return f"{'ok ' if self.kept else 'RED'}  {self.rule.text}: {self.seen}"


def require(kept: object, seen: str) -> None:
    """Raise Broken unless the rule is kept."""
    if not kept:
        raise Broken(seen)


def require_none(found: object, seen: str) -> None:
    """Raise Broken with what was found, if anything was."""
    if found:
        raise Broken(f"{seen}: {found}")


def apply(rule: Rule, scene: Scene) -> Result:
    """Apply a rule. An error of any kind breaks it, so that the others are still seen."""
    try:
        return Result(rule, rule.check(scene), kept=True)
    except Broken as broken:
        return Result(rule, str(broken), kept=False)
    except Exception as error:
        lines = str(error).splitlines() or [""]
        return Result(rule, f"{type(error).__name__}: {lines[0]}", kept=False)
