"""What a user types to find a customer: a name, any part of a phone number, or an e-mail."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from waitlist.models import Customer

SHORTEST = 2
"""Letters; fewer would find half the CRM."""
FEWEST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Query:
    """A search for `digits` (typed as `words`), an `email`, or a name's `words`."""

    words: tuple[str, ...] = ()
    digits: str = ""
    email: str = ""

    @classmethod
    def parse(cls, text: str) -> Query:
        # `%` and `_` are wildcards to a portal, `$` begins a reference inside a batch.
        words = tuple(re.sub(r"[%_$]", " ", text).split())
        query = " ".join(words)
        digits = digits_of(query)
        if len(digits) >= FEWEST_DIGITS and not re.search(r"[^\d\s()+./-]", query):
            return cls(words=words, digits=digits)
        if "@" in query:
            return cls(email=query)
        return cls(words=words) if len(query) >= SHORTEST else cls()

    @property
    def trunk(self) -> str:
        """The digits without a leading 0 or 00. An international number does not have it."""
        trunk = self.digits.lstrip("0")
        return trunk if len(trunk) >= FEWEST_DIGITS else self.digits

    def rank(self, customer: Customer) -> int | None:
        """Return how well a customer fits: 0 is exactly, None is not at all as far as we know."""
        if self.digits:
            return _best(self._rank_phone(digits_of(phone)) for phone in customer.phones)
        if self.email:
            return _best(self._rank_email(email.casefold()) for email in customer.emails)
        return self._rank_name((customer.name or "").casefold())

    def _rank_phone(self, phone: str) -> int | None:
        fits = (
            phone == self.digits,
            phone.endswith(self.trunk),
            self.digits in phone,
            self.trunk in phone,
        )
        return next((rank for rank, holds in enumerate(fits) if holds), None)

    def _rank_email(self, email: str) -> int | None:
        wanted = self.email.casefold()
        fits = (email == wanted, email.startswith(wanted), wanted in email)
        return next((rank for rank, holds in enumerate(fits) if holds), None)

    def _rank_name(self, name: str) -> int | None:
        words = [word.casefold() for word in self.words]
        if not words or not all(word in name for word in words):
            return None
        if name.split() == words:
            return 0
        begins = all(any(part.startswith(word) for part in name.split()) for word in words)
        return 1 if begins else 2


def digits_of(text: str) -> str:
    """Return the digits alone, so that `+1 (555) 01-42` and `15550142` compare."""
    return re.sub(r"\D", "", text)


def _best(ranks: Iterable[int | None]) -> int | None:
    return min((rank for rank in ranks if rank is not None), default=None)
