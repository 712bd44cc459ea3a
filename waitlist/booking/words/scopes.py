"""Decides which wishes of a note are wished, are to be avoided, or tell nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby, pairwise

from waitlist.booking.words.clocks import MOST_LEADS
from waitlist.booking.words.kinds import WHOLE_DAY, TimeRange
from waitlist.booking.words.sentences import Node, Role


class Sign(StrEnum):
    """What a wish counts for."""

    YES = "yes"
    NO = "no"
    DROP = "drop"


@dataclass(slots=True)
class Signed:
    """A node with its sign. Those that one NOT is about have the same `scope`."""

    node: Node
    sign: Sign = Sign.YES
    scope: int = 0

    @property
    def role(self) -> Role:
        return self.node.role


def signed_wishes(nodes: Sequence[Node]) -> list[Signed]:
    """Return the wishes of a note with their signs, in their order."""
    signed = [Signed(node) for node in nodes]
    _drop_single_dates(signed)
    for sentence in _split(signed, Role.STOP):
        before: list[Signed] = []
        for clause in _clauses(sentence):
            _sign(clause)
            if _is_only_no(clause):
                _set(before, Sign.DROP)
            before = clause
    wishes = [one for one in signed if one.role is Role.WISH]
    for scope, found in groupby(wishes, key=lambda one: one.scope):
        if scope:
            _turn(list(found))
    return wishes


def _split(signed: Sequence[Signed], role: Role) -> Iterator[list[Signed]]:
    part = list[Signed]()
    for one in signed:
        if one.role is role:
            yield part
            part = []
        else:
            part.append(one)
    yield part


def _clauses(sentence: list[Signed]) -> Iterator[list[Signed]]:
    """Yield the parts between commas and *but*. A list such as `Mon, Tue` is one part."""
    clause = list[Signed]()
    for place, one in enumerate(sentence):
        if one.role is Role.BUT or (one.role is Role.COMMA and not _is_in_list(sentence, place)):
            yield clause
            clause = []
        else:
            clause.append(one)
    yield clause


def _is_in_list(sentence: list[Signed], comma: int) -> bool:
    if not comma or sentence[comma - 1].role is not Role.WISH:
        return False
    for one in sentence[comma + 1 : comma + 2 + MOST_LEADS]:
        if one.role is not Role.LEAD:
            return one.node.kind == sentence[comma - 1].node.kind
    return False


def _sign(clause: list[Signed]) -> None:
    if any(one.role is Role.CALL for one in clause):
        _set(clause, Sign.DROP)
        return
    for part in _split(clause, Role.ONLY):
        _negate(part)
    is_busy = False
    for one in clause:
        is_busy = is_busy or one.role is Role.BUSY
        if is_busy:
            one.sign = Sign.DROP


def _negate(part: list[Signed]) -> None:
    """Sign what a NOT is about: what follows it, else what precedes it."""
    places = [place for place, one in enumerate(part) if one.role is Role.NOT]
    ends = [-1, *places, len(part)]
    for begin, place, end in zip(ends, places, ends[2:], strict=False):
        before, after = part[begin + 1 : place], _list_after(part[place + 1 : end])
        about = after if _has_wish(after) else before
        sign = Sign.DROP if part[place].node.is_unsure else Sign.NO
        _set([one for one in about if one.sign is Sign.YES], sign, scope=id(part[place]))
        if about is after and not _is_contrast(part, place):
            _join(before, after, sign, id(part[place]))


def _join(before: Sequence[Signed], after: Sequence[Signed], sign: Sign, scope: int) -> None:
    """Sign *Mornings are not possible on Mondays*: it avoids Monday mornings.

    *Monday is not possible Tuesday is* cannot be told from *Monday is not Tuesday*.
    """
    kinds = {one.node.kind for one in before} & {one.node.kind for one in after} - {""}
    for part in (before, after) if kinds else (before,):
        _set(
            [one for one in part if one.sign is not Sign.DROP], Sign.DROP if kinds else sign, scope
        )


def _list_after(after: list[Signed]) -> list[Signed]:
    """Return what a NOT is about. In *not Mon, Tue is fine*, that ends at the comma."""
    comma = next((place for place, one in enumerate(after) if one.role is Role.COMMA), None)
    if comma is None or after[-1].role is Role.WISH:
        return after
    return after[:comma]


def _is_contrast(part: list[Signed], place: int) -> bool:
    """Return whether a NOT begins something new: `Tue, not Mon`, `Tue and not Mon`."""
    before = part[place - 1].role if place else Role.AND
    if before is not Role.WISH:
        return before in (Role.AND, Role.COMMA)
    return place + 1 < len(part) and part[place + 1].role is Role.WISH


def _has_wish(part: Sequence[Signed]) -> bool:
    return any(one.role is Role.WISH for one in part)


def _is_only_no(clause: Sequence[Signed]) -> bool:
    roles = {one.role for one in clause}
    return Role.NOT in roles and roles <= {Role.NOT, Role.LEAD}


def _set(part: Sequence[Signed], sign: Sign, scope: int = 0) -> None:
    for one in part:
        one.sign, one.scope = sign, scope


def _turn(scope: Sequence[Signed]) -> None:
    """Make *not before 10* a wish for later times, unless it is about certain days."""
    if any(one.node.days for one in scope):
        return
    for one in scope:
        if one.sign is Sign.NO and one.node.turns and one.node.time:
            one.node = replace(one.node, time=_other_side(one.node.time))
            one.sign, one.scope = Sign.YES, 0


def _other_side(bound: TimeRange) -> TimeRange:
    return TimeRange(end=bound.begin) if bound.begin else TimeRange(bound.end, WHOLE_DAY)


def _drop_single_dates(signed: list[Signed]) -> None:
    """Drop days and times beside words such as *next* or a date, and lists of them."""
    words = [one for one in signed if one.role is not Role.LEAD]
    for one, other in pairwise(words):
        if one.role is Role.ONCE and _is_time(other):
            other.sign = Sign.DROP
        elif other.role is Role.ONCE and _is_time(one):
            one.sign = Sign.DROP
    for one, comma, date in zip(words, words[1:], words[2:], strict=False):
        # `Mon, 14 Nov` and `next Mon or Tue`
        if comma.role is Role.COMMA and date.role is Role.ONCE and _is_time(one):
            one.sign = Sign.DROP
        if one.sign is Sign.DROP and comma.role in (Role.AND, Role.COMMA):
            date.sign = Sign.DROP if date.node.kind == one.node.kind else date.sign


def _is_time(one: Signed) -> bool:
    return one.role is Role.WISH and not one.node.resource_ids
