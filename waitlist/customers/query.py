"""What a user types to find a customer: a name, a phone number, an e-mail, or a name with one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from waitlist.models import Customer
from waitlist.phones import (
    FEWEST_DIGITS,
    FEWEST_SAME,
    Number,
    best_fit,
    looks_like_number,
    parts_to_search,
    read_number,
    readings,
    whole_to_search,
)
from waitlist.texts import APOSTROPHES, clean, clean_plain, fold, holds, is_east_asian

SHORTEST = 2
"""Letters; fewer would find half the CRM. One is enough where it is a whole word."""
LONGEST = 100
NAME_RANK = 4
"""Where customers with the right name begin if an e-mail was typed, too."""
BETWEEN = r"\s<>()\[\],;\"“”„«»"
AROUND = " <>()[],;:\"“”„«»'"
NUMBER = re.compile(r"[+(]*\d[\d\s()./-]{5,}\d")
IN_NAMES = re.compile(rf"[\s%_$@.,;:()\[\]{{}}\"“”„«»/\\|{APOSTROPHES}\u2010-\u2015-]+")
"""What stands between words, is a sign to a portal (`%`, `_`, `$`), or is typed in many ways."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The name, the phone number and the e-mail in one text; "" for what is missing."""

    name: str = ""
    phone: str = ""
    email: str = ""

    @classmethod
    def read(cls, text: str) -> Typed:
        """Take a text apart: `Nora Quill <nora@example.com>`, `mailto:…`, `Nora 030 1234567`."""
        text = clean(text[:LONGEST])
        word = next(
            (one for one in re.split(f"[{BETWEEN}]+", text) if "@" in one and len(one) > 1), ""
        )
        if word:
            return cls(name=text.replace(word, "").strip(AROUND), email=clean_email(word))
        if looks_like_number(text):
            digits = len(read_number(text).written)
            return cls(phone=clean_plain(text)) if digits >= FEWEST_DIGITS else cls(name=text)
        plain = clean_plain(text)
        number = NUMBER.search(plain)
        if number and len(read_number(number[0]).written) >= FEWEST_SAME:
            name = f"{plain[: number.start()]} {plain[number.end() :]}"
            return cls(name=" ".join(name.split()).strip(AROUND), phone=number[0])
        return cls(name=text)

    @property
    def names(self) -> tuple[str, str]:
        """Return the first and the last name of `Nora Quill` or `Quill, Nora`."""
        last, comma, first = self.name.partition(",")
        if not comma:
            first, _, last = self.name.rpartition(" ")
        return (first.strip(), last.strip()) if first.strip() else (last.strip(), "")


def missing_digits(text: str) -> int:
    """Return how many more digits a part of a number needs to be searched in CRM."""
    text = clean(text[:LONGEST])
    if not looks_like_number(text):
        return 0
    return max(0, FEWEST_DIGITS - len(read_number(text).written))


def clean_email(text: str) -> str:
    """Return an e-mail in plain characters, without `mailto:` and brackets."""
    plain = clean_plain(text).strip(AROUND)
    if plain[:7].lower() == "mailto:":
        plain = plain[7:].partition("?")[0]
    return plain


def email_key(text: str) -> str:
    """Return an e-mail as it is compared."""
    return clean_email(text).casefold()


@dataclass(frozen=True, slots=True)
class Query:
    """A search. `words` are as a portal is asked for them, `folded` as names are compared.

    `numbers` are what the number may mean. CRM's search text has one of `parts`, and a customer
    has it in one of `spellings`. A name beside a number is not searched.
    """

    words: tuple[str, ...] = ()
    folded: tuple[str, ...] = ()
    email: str = ""
    phone: str = ""
    numbers: tuple[Number, ...] = ()
    parts: tuple[str, ...] = ()
    spellings: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str, country: str = "") -> Query:
        """Read what was typed. An empty query asks for nothing."""
        if missing_digits(text):
            return cls()
        typed = Typed.read(text)
        if phone := typed.phone:
            return cls(
                phone=phone,
                numbers=readings(phone, country),
                parts=parts_to_search(phone, country),
                spellings=whole_to_search(phone, country),
            )
        words = tuple(filter(None, IN_NAMES.split(typed.name)))
        if len("".join(words)) < SHORTEST and not is_east_asian("".join(words)):
            words = ()
        folded = tuple(fold(" ".join(words)).split())
        return cls(words, folded, re.sub(r"[%$]", "", typed.email))

    def __bool__(self) -> bool:
        return bool(self.words or self.email or self.phone)

    def rank(self, customer: Customer) -> int | None:
        """Return how well a customer fits: 0 is exactly, None is not at all."""
        if self.phone:
            return best_fit(self.numbers, customer.phones)
        name = self._rank_name(fold(customer.name or ""))
        if not self.email:
            return name
        email = _best(self._rank_email(email_key(email)) for email in customer.emails)
        return email if email is not None or name is None else name + NAME_RANK

    def _rank_email(self, email: str) -> int | None:
        wanted = email_key(self.email)
        fits = (email == wanted, email.startswith(wanted), wanted in email)
        return next((rank for rank, holds in enumerate(fits) if holds), None)

    def _rank_name(self, name: str) -> int | None:
        if not self.folded or not all(holds(name, word) for word in self.folded):
            return None
        parts = name.split()
        if sorted(parts) == sorted(self.folded) or len("".join(parts)) == len("".join(self.folded)):
            return 0
        begins = all(any(part.startswith(word) for part in parts) for word in self.folded)
        return 1 if begins else 2


def place_in(text: str, query: str) -> tuple[int, int] | None:
    """Return where a text first matches a query. Separators within a number do not count."""
    parsed = Query.parse(query)
    if parsed.phone:
        patterns = [r"\D*".join(part) for part in (parsed.numbers[0].written, *parsed.parts)]
    else:
        patterns = [re.escape(text) for text in (" ".join(query.split()), parsed.email) if text]
    matches = (re.search(pattern, text, re.IGNORECASE) for pattern in patterns)
    return next((match.span() for match in matches if match), None)


def _best(ranks: Iterable[int | None]) -> int | None:
    return min((rank for rank in ranks if rank is not None), default=None)
