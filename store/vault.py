"""Seals secrets before they reach the database, each one bound to the row it belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class SealError(Exception):
    """A sealed value does not open: wrong key, damaged, or moved here from another row."""


class Vault:
    """Fernet encryption with key rotation: the first key seals, all keys open.

    `context` names the row and column, such as `user_tokens/MEMBER/7/access_token`. It is sealed
    in with the secret, so a value that was copied to another row does not open there.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, secret: str, context: str) -> str:
        return self._fernet.encrypt(f"{context}\0{secret}".encode()).decode()

    def open(self, sealed: str, context: str) -> str:
        """Raises SealError; its text never holds the value."""
        try:
            plain = self._fernet.decrypt(sealed.encode()).decode()
        except (InvalidToken, UnicodeError):
            raise SealError("a sealed value does not open with any of the keys") from None
        found, _, secret = plain.partition("\0")
        if found != context:
            raise SealError("a sealed value stands in a row that it does not belong to")
        return secret
