"""All words and phrases that mean something in a note: a tree of folded words.

Names of days, months and parts of the day are CLDR's, as Babel has them.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from babel import Locale

from waitlist.booking.words.kinds import WHOLE_DAY, DayPart, Days, Kind, Meaning, TimeRange, Tree
from waitlist.booking.words.languages import Language, read_languages
from waitlist.booking.words.tokens import Shape, tokens_of
from waitlist.texts import fold

NOON = (12 * 60, 14 * 60)
"""CLDR has noon as a moment or as one hour."""
SHORTEST_PERIOD = 4
"""Letters of a name of a day period: CLDR has some that are one letter."""
WORKDAYS, WEEKEND = frozenset(range(5)), frozenset({5, 6})
ARABIC_PREFIXES = ("\u0648", "\u0628")
"""The word for *and*, and the most frequent preposition, are written together with the next."""


@cache
def vocabulary() -> Tree[Meaning]:
    """Return the tree of all words. It is built when it is first asked for."""
    root = Tree[Meaning]()
    for name, words in read_languages().items():
        locale = Locale.parse(name)
        for kind, phrases in words.kinds.items():
            _add(root, phrases, Meaning(kind, name))
        for width in ("wide", "abbreviated"):
            months = (month for _, month in _names(locale.months, width))
            _add(root, months, Meaning(Kind.MONTH, name))
        _add_days(root, locale, name, words)
        for part in DayPart:
            time = _time_of(locale, words, part)
            phrases = [*words.parts[part], *_period_names(locale, words, part)]
            _add(root, phrases, Meaning(Kind.PART, name, time=time))
    return root


def _add(root: Tree[Meaning], phrases: Iterable[str], meaning: Meaning) -> None:
    prefixes = ("", *ARABIC_PREFIXES) if meaning.language == "ar" else ("",)
    for phrase in phrases:
        for prefix in prefixes:
            tokens = tokens_of(prefix + phrase)
            root.add((one.text for one in tokens if one.shape is Shape.WORD), meaning)


def _names(names: Mapping[str, Any], width: str) -> Iterator[tuple[int, str]]:
    """Yield the names of days or months in both of CLDR's contexts, by their number."""
    for context in ("format", "stand-alone"):
        yield from names[context][width].items()


def _add_days(root: Tree[Meaning], locale: Locale, name: str, words: Language) -> None:
    def add(phrases: Iterable[str], days: Days, kind: Kind = Kind.DAYS) -> None:
        _add(root, phrases, Meaning(kind, name, days))

    for number, day in (*_names(locale.days, "wide"), *words.days.names()):
        one = frozenset({number})
        add(_forms(fold(day), words.days.endings), one)
        # Portuguese days are ordinals: *second fair*, or only *second*.
        ordinal, dash, _ = day.partition("-")
        add((ordinal, f"{ordinal}s") if dash else (), one, Kind.DOUBTFUL)
        for part, endings in words.compounds.items():
            apart = [f"{day} {end}" for end in endings if end in words.ambiguous]
            joined = [f"{day}{end}{s}" for end in endings for s in ("", "s")]
            time = _time_of(locale, words, part)
            _add(root, [*apart, *joined], Meaning(Kind.COMPOUND, name, one, time))
    # Without the article, Arabic days are also numbers.
    width = "short" if name == "ar" else "abbreviated"
    for number, day in (*_names(locale.days, width), *words.short_days.names()):
        add((day,), frozenset({number}), Kind.DOUBTFUL)
    add(words.days.weekend, WEEKEND)
    add(words.days.workdays, WORKDAYS)


def _forms(name: str, endings: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield name
    for end, other in endings:
        if name.endswith(end):
            yield name.removesuffix(end) + other


def _time_of(locale: Locale, words: Language, part: DayPart) -> TimeRange:
    """Return when a part of the day is, as CLDR has it for a language. An evening has no end."""
    if part is DayPart.NOON:
        return TimeRange(*NOON, part)
    rules = locale.day_period_rules[None]
    spans = [rule for key in words.periods_of(part) for rule in rules.get(key, ())]
    begin = min(rule["from"] for rule in spans) // 60
    end = max(rule["before"] for rule in spans) // 60
    return TimeRange(begin, WHOLE_DAY if part is DayPart.EVENING else end, part)


def _period_names(locale: Locale, words: Language, part: DayPart) -> Iterator[str]:
    ambiguous = {fold(word) for word in words.ambiguous}
    keys = words.periods_of(part)
    for widths in locale.day_periods.values():
        for names in widths.values():
            for name in (names[key] for key in keys if key in names):
                if len(fold(name)) >= SHORTEST_PERIOD and fold(name) not in ambiguous:
                    yield name
