"""Finds words and phrases of a vocabulary in a note, and names of resources."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from waitlist.booking.words.kinds import Kind, Meaning, Tree, Value
from waitlist.booking.words.tokens import Shape, Token, tokens_of
from waitlist.booking.words.vocabulary import vocabulary

MOST_WORDS = 12
"""Of a resource's name, and so of any phrase that is looked for."""
ABBREVIATED = frozenset({Kind.DOUBTFUL, Kind.TITLE, Kind.MONTH, Kind.AND})
"""Kinds whose words may end with a dot inside of a sentence."""


@dataclass(frozen=True, slots=True)
class Item:
    """A phrase with what it can mean, a number, a time, a mark, or an unknown word."""

    token: Token
    meanings: tuple[Meaning, ...] = ()
    resource_ids: frozenset[int] = frozenset()
    kinds: frozenset[Kind] = frozenset()

    def find(self, kind: Kind, languages: frozenset[str] = frozenset()) -> Meaning | None:
        """Return the meaning of a kind, in one of the `languages` if there are any."""
        for one in self.meanings:
            if one.kind is kind and (not languages or one.language in languages):
                return one
        return None

    def has(self, *kinds: Kind) -> bool:
        return not self.kinds.isdisjoint(kinds)

    @property
    def is_unknown(self) -> bool:
        """Return whether it is a word or a number without a meaning."""
        words = (Shape.WORD, Shape.NUMBER, Shape.CLOCK, Shape.DATE)
        return self.token.shape in words and not self.meanings and not self.resource_ids


def items_of(note: str, resources: Mapping[int, str]) -> tuple[Item, ...]:
    """Return what is in a note. Each word is looked at MOST_WORDS times at most."""
    return _in_likely_language(tuple(_items(tokens_of(note), _names_of(tuple(resources.items())))))


@lru_cache(maxsize=32)
def _names_of(resources: tuple[tuple[int, str], ...]) -> Tree[int]:
    """Return the tree of names. A name without a letter would be any number in a note."""
    root = Tree[int]()
    for number, name in resources:
        words = [token for token in tokens_of(name) if token.shape not in (Shape.DASH, Shape.DOT)]
        if len(words) > MOST_WORDS or not any(
            token.shape is Shape.WORD and len(token.text) > 1 for token in words
        ):
            continue
        root.add((token.text for token in words), number)
    return root


def _items(tokens: Sequence[Token], names: Tree[int]) -> Iterator[Item]:
    words, place = vocabulary(), 0
    while place < len(tokens):
        token = tokens[place]
        end, ids = _name_at(tokens, place, names)
        if ids:
            yield Item(token, resource_ids=frozenset(ids))
        else:
            phrases = _phrases(tokens, place, MOST_WORDS, words, (Shape.DASH,))
            end, meanings = phrases[-1] if phrases else (place + 1, ())
            yield _item(token, meanings)
            end += _ends_with_dot(tokens, end, {one.kind for one in meanings})
        place = end


def _is_glued(tokens: Sequence[Token], place: int) -> bool:
    """Return whether a word goes on at a place: `2` in `Weiss2`."""
    if place >= len(tokens) or not tokens[place].is_glued:
        return False
    return {tokens[place - 1].shape, tokens[place].shape} <= {Shape.WORD, Shape.NUMBER}


def _ends_with_dot(tokens: Sequence[Token], place: int, kinds: Set[Kind]) -> bool:
    """Return whether the dot after a word belongs to it: `Mi.`, `u.`, `godz. 17`."""
    if place >= len(tokens) or tokens[place].shape is not Shape.DOT:
        return False
    is_before_number = place + 1 < len(tokens) and tokens[place + 1].number >= 0
    return not kinds.isdisjoint(ABBREVIATED) or (is_before_number and Kind.LEAD in kinds)


def _name_at(tokens: Sequence[Token], place: int, names: Tree[int]) -> tuple[int, Collection[int]]:
    """Return the place after the longest name. `Dr. Weiss` is also written without the dot."""
    if _is_glued(tokens, place):
        return place + 1, ()
    found = _phrases(tokens, place, 2 * MOST_WORDS, names, (Shape.DASH, Shape.DOT))
    whole = [one for one in found if not _is_glued(tokens, one[0])]
    return whole[-1] if whole else (place + 1, ())


def _phrases(
    tokens: Sequence[Token], place: int, most: int, tree: Tree[Value], gaps: Sequence[Shape]
) -> list[tuple[int, Collection[Value]]]:
    """Return the place after each phrase, with its values, the shortest first.

    It has at most so many tokens. Those in `gaps` may stand between its words.
    """
    found: list[tuple[int, Collection[Value]]] = []
    for at in range(place, min(place + most, len(tokens))):
        if at > place and tokens[at].shape in gaps:
            continue
        following = tree.children.get(tokens[at].text)
        if following is None:
            break
        tree = following
        if tree.values:
            found.append((at + 1, tree.values))
    return found


def _in_likely_language(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Return items without meanings in languages that the note is likely not in.

    Words mean different things: `no` is also Portuguese for *in the*, and `mai` a German month.
    """
    shares: dict[str, float] = defaultdict(float)
    for item in items:
        languages = {one.language for one in item.meanings}
        for language in languages:
            shares[language] += 1 / len(languages)
    most = max(shares.values(), default=0)
    likely = {language for language, share in shares.items() if share > most - 0.01}
    return tuple(
        _item(item.token, kept)
        if (kept := [one for one in item.meanings if one.language in likely])
        else item
        for item in items
    )


def _item(token: Token, meanings: Collection[Meaning]) -> Item:
    return Item(token, tuple(meanings), kinds=frozenset(one.kind for one in meanings))
